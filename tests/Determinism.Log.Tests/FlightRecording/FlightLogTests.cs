using Determinism.Checkpoints;
using Determinism.FlightRecording;
using Determinism.Log.Tests.Disk;
using Determinism.Log.Tests.SecondReader;
using Determinism.Log.Tests.Support;
using Determinism.Log.Tests.Verification;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.FlightRecording;

/// <summary>A log whose oldest part was dropped, for all who read it, and under secrets.</summary>
public class FlightLogTests(ITestOutputHelper output)
{
    private const int MostRecordings = 10;

    public static TheoryData<string> AllShapes => [.. Shapes.All.Keys];

    [Theory]
    [MemberData(nameof(AllShapes))]
    public void Both_readers_agree_on_it_and_its_chain_holds(string shape)
    {
        LogWriteOptions options = Shapes.All[shape];
        Dictionary<string, byte[]> files = Record(options, out FlightRecorderStatus status);
        Assert.True(status.DroppedSegments > 0, status.ToString());
        byte[]? encryption = options.Keys?.CanDecrypt == true ? Secrets.Encryption : null;
        byte[]? chain = options.Keys?.CanVerify == true ? Secrets.Chain : null;
        long events = Agreement.Check(files, encryption, chain);
        // Without the manifest the log says all itself.
        var bare = new Dictionary<string, byte[]>(files);
        bare.Remove("manifest");
        Assert.Equal(events, Agreement.Check(bare, encryption, chain));
        output.WriteLine($"{shape}: {events} events, {status}");

        var secrets = new LogReadOptions { Keys = new LogKeys(encryption, chain) };
        foreach (Dictionary<string, byte[]> one in (Dictionary<string, byte[]>[])[files, bare])
        {
            LogVerification found = LogVerifier.Verify(Of(one), secrets);
            Assert.True(found.IsIntact, string.Join('\n', found.Problems));
            Assert.Equal(chain is not null, found.IsChainChecked);
        }
        using var log = new FileEventLogReader(Of(files), secrets);
        Checkpoint start = LogCheckpoints.ReadFrom(log).Start!;
        Assert.Equal(status.OldestCheckpoint, start.Number);
        SecondCheckpoint second = Enumerable.Range(0, log.CountBlocks(BlockKind.Checkpoint))
            .Select(index => SecondCheckpoint.Read(log.ReadBlock(BlockKind.Checkpoint, index).ToArray(), log.StreamCount))
            .First(one => one.Number == (ulong)start.Number);
        Assert.True(second.IsWhole);
        Assert.Equal(start.ChangedPieces, second.Memory.Length);
        Assert.All(second.Memory, one => Assert.True(one.Content == 0 || one.Content >= second.First));
    }

    [Fact]
    public void Who_drops_more_than_the_recorder_did_is_found()
    {
        Dictionary<string, byte[]> files = Record(Shapes.All["plain"], out _);
        string[] names = [.. files.Keys.Where(static name => name.EndsWith(".detlog", StringComparison.Ordinal)).Order()];
        foreach (string name in names)
        {
            var fewer = new Dictionary<string, byte[]>(files);
            fewer.Remove(name);
            Assert.False(LogVerifier.Verify(Of(fewer)).IsIntact, name);
            fewer.Remove("manifest");
            bool isLast = name == names[^1];
            Assert.Equal(isLast, LogVerifier.Verify(Of(fewer)) is { IsIntact: true, IsComplete: false });
        }
    }

    [Fact]
    public void A_beginning_that_was_made_up_breaks_the_chain()
    {
        LogWriteOptions options = Shapes.All["chained"];
        Dictionary<string, byte[]> files = Record(options, out _);
        var secrets = new LogReadOptions { Keys = options.Keys };
        using var log = new FileEventLogReader(Of(files), secrets);
        LogBlockInfo block = log.ReadBlocks().Last(static one => one.Kind == BlockKind.Beginning);
        byte[] segment = files[SegmentWriter.NameOf(block.Segment)] = [.. files[SegmentWriter.NameOf(block.Segment)]];
        Span<byte> bytes = segment.AsSpan((int)block.Offset);
        // The next checkpoint, and right checksums.
        bytes[BlockHeader.Size + 8]++;
        BitConverter.TryWriteBytes(bytes[88..], SecondReader.Crc.Of(bytes.Slice(BlockHeader.Size, block.StoredBytes)));
        BitConverter.TryWriteBytes(bytes[92..], SecondReader.Crc.Of(bytes[..92]));
        LogVerification found = LogVerifier.Verify(Of(files), secrets);
        Assert.Contains(found.Problems, static problem => problem.Message.Contains("chain is broken", StringComparison.Ordinal));
    }

    [Fact]
    public void A_repaired_one_begins_where_it_did_and_replays()
    {
        Dictionary<string, byte[]> files = Record(Shapes.All["plain"], out FlightRecorderStatus status);
        string last = files.Keys.Where(static name => name.EndsWith(".detlog", StringComparison.Ordinal)).Order().Last();
        files.Remove("manifest");
        files[last] = files[last][..^100];
        var target = new MemoryStorage();
        LogRepairResult result = LogRepair.Repair(Of(files), target);
        Assert.True(result.Found.IsIntact);
        LogVerification found = LogVerifier.Verify(target);
        Assert.True(found is { IsIntact: true, IsComplete: true }, string.Join('\n', found.Problems));
        Agreement.Check(target.Files, null, null);
        using var log = new FileEventLogReader(target);
        Assert.Equal(status.OldestCheckpoint, LogCheckpoints.ReadFrom(log).Start!.Number);
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(log));
        using Replaying.ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
        for (int agent = 0; agent < log.StreamCount; agent++)
            Assert.Equal(result.Streams[agent].Events, session.Agent(agent).CompletedEvents);
    }

    [Fact]
    public void One_that_has_lost_the_checkpoint_it_begins_at_is_not_repaired()
    {
        Dictionary<string, byte[]> files = Record(Shapes.All["plain"], out FlightRecorderStatus status);
        LogBlockInfo block;
        using (var log = new FileEventLogReader(Of(files)))
        {
            int index = Enumerable.Range(0, log.CountBlocks(BlockKind.Checkpoint)).First(one =>
                CheckpointReader.Read(log.ReadBlock(BlockKind.Checkpoint, one).Span, log.StreamCount).Number == status.OldestCheckpoint);
            block = log.ReadBlocks().Where(static one => one.Kind == BlockKind.Checkpoint).ElementAt(index);
        }
        string name = SegmentWriter.NameOf(block.Segment);
        files[name] = [.. files[name]];
        files[name][block.Offset + BlockHeader.Size + 1] ^= 1;
        var target = new MemoryStorage();
        Assert.Contains("is not in it", Assert.Throws<LogDamagedException>(() => LogRepair.Repair(Of(files), target)).Message, StringComparison.Ordinal);
        Assert.Empty(target.Files);
    }

    [Fact]
    public void Who_follows_it_moves_along()
    {
        SimulatedDisk disk = FlightCrashTests.Record("racy", ClockKind.RetiredInstructions, Plant.None, out _);
        var view = new DiskView(disk);
        int moves = 0;
        FileEventLogReader? follower = null;
        int known = 0;
        for (int step = 0; view.MoveNext(); step++)
        {
            if (step % 20_011 != 0)
                continue;
            if (follower is null && view.List().Contains(SegmentWriter.NameOf(0)) && step > 100_000)
                follower = new FileEventLogReader(view);
            else if (follower?.IsComplete == false)
                follower.Refresh();
            if (follower is null)
                continue;
            int first = LogCheckpoints.ReadFrom(follower).Start?.Number ?? 0;
            moves += first > known ? 1 : 0;
            Assert.True(first >= known);
            known = first;
        }
        using (follower)
        {
            follower!.Refresh();
            Assert.True(follower.IsComplete);
            Assert.Empty(ReplayOrder.Of(follower).Ring);
        }
        Assert.True(moves > 1, $"{moves} moves");
    }

    [Theory]
    [InlineData("encrypted")]
    [InlineData("all")]
    public void Whoever_has_no_secret_is_told_of_all_but_contents(string shape)
    {
        // Compressed, it may be too little for anything to be dropped.
        LogWriteOptions options = Shapes.All[shape] with { Compression = BlockCodec.None };
        Dictionary<string, byte[]> files = Record(options, out FlightRecorderStatus status);
        Assert.True(status.DroppedSegments > 0, status.ToString());
        LogVerification seen = LogVerifier.Verify(Of(files), new LogReadOptions { Keys = options.Keys });
        // What should be gone and is there still is no part of it.
        string gone;
        using (var log = new FileEventLogReader(Of(files), new LogReadOptions { Keys = options.Keys }))
            gone = SegmentWriter.NameOf(((IDroppedBeginning)log).Beginning!.FirstSegment - 1);
        Assert.DoesNotContain(gone, files.Keys);
        var remains = new Dictionary<string, byte[]>(files) { [gone] = [1, 2, 3] };
        var bare = new Dictionary<string, byte[]>(files);
        bare.Remove("manifest");
        foreach (LogKeys? keys in (LogKeys?[])[null, new LogKeys(chain: Secrets.Chain)])
        {
            foreach (Dictionary<string, byte[]> one in (Dictionary<string, byte[]>[])[files, remains, bare])
            {
                if (keys is not null && options.Keys?.CanVerify != true)
                    continue;
                LogVerification found = LogVerifier.Verify(Of(one), new LogReadOptions { Keys = keys });
                Assert.True(found.IsIntact, string.Join('\n', found.Problems));
                Assert.Equal((true, false, keys is not null), (found.IsComplete, found.AreContentsChecked, found.IsChainChecked));
                Assert.Equal((seen.Blocks, seen.Events), (found.Blocks, found.Events));
            }
        }

        foreach (string name in files.Keys.Where(static name => name.EndsWith(".detlog", StringComparison.Ordinal)))
        {
            var changed = new Dictionary<string, byte[]>(files) { [name] = [.. files[name]] };
            changed[name][SegmentStart.Size + 8] ^= 0x10;
            Assert.False(LogVerifier.Verify(Of(changed)).IsIntact, name);
            changed.Remove(name);
            Assert.False(LogVerifier.Verify(Of(changed)).IsIntact, name);
        }
        Assert.Contains("its key is needed", Assert.Throws<DeterminismException>(() => new FileEventLogReader(Of(files))).Message, StringComparison.Ordinal);
        Assert.Throws<DeterminismException>(() => LogRepair.Repair(Of(files), new MemoryStorage()));
        LogVerification wrong = LogVerifier.Verify(Of(files), new LogReadOptions { Keys = new LogKeys(Secrets.Chain) });
        Assert.False(wrong.IsIntact);
    }

    [Fact]
    public void Whoever_has_no_secret_cannot_say_where_an_encrypted_log_begins()
    {
        LogWriteOptions options = Shapes.All["encrypted"];
        Dictionary<string, byte[]> files = Record(options, out FlightRecorderStatus status);
        var secrets = new LogReadOptions { Keys = options.Keys };
        LogBlockInfo block;
        LogBeginning beginning;
        using (var log = new FileEventLogReader(Of(files), secrets))
        {
            block = log.ReadBlocks().Last(static one => one.Kind == BlockKind.Beginning);
            beginning = ((IDroppedBeginning)log).Beginning! with { Checkpoint = status.OldestCheckpoint + 1 };
        }
        byte[] segment = files[SegmentWriter.NameOf(block.Segment)] = [.. files[SegmentWriter.NameOf(block.Segment)]];
        Span<byte> bytes = segment.AsSpan((int)block.Offset);
        Assert.True(BlockHeader.TryRead(bytes, out BlockHeader header));
        byte[] made = beginning.ToBytes();
        header.Flags &= ~BlockFlags.Encrypted;
        (header.StoredLength, header.PlainLength) = (made.Length, made.Length);
        header.ContentChecksum = SecondReader.Crc.Of(made);
        made.CopyTo(bytes[BlockHeader.Size..]);
        header.WriteTo(bytes[..BlockHeader.Size]);
        header.Seal(bytes[..BlockHeader.Size]);
        Assert.False(LogVerifier.Verify(Of(files), secrets).IsIntact);
        using var first = SegmentFile.Open(Of(files), 0, null);
        using var coder = new ContentCoder(BlockCodec.None, options.Keys!.DeriveEncryptionKey(first.Start.Identity));
        LogBeginning? found = BeginningSearch.FindLast(Of(files), SegmentLayout.NumbersIn(Of(files)), first.Start, coder);
        Assert.NotEqual(beginning.Checkpoint, found?.Checkpoint);
    }

    [Fact]
    public void A_beginning_that_does_not_fit_the_manifest_is_told_and_not_thrown()
    {
        Dictionary<string, byte[]> files = Record(Shapes.All["plain"], out _);
        LogBlockInfo block;
        LogBeginning beginning;
        using (var log = new FileEventLogReader(Of(files)))
        {
            block = log.ReadBlocks().Last(static one => one.Kind == BlockKind.Beginning);
            beginning = ((IDroppedBeginning)log).Beginning!;
        }
        foreach (int more in (int[])[1, 2, 1 << 20])
        {
            int baseCount = beginning.BaseCount + more;
            var changed = new Dictionary<string, byte[]>(files);
            byte[] segment = changed[SegmentWriter.NameOf(block.Segment)] = [.. files[SegmentWriter.NameOf(block.Segment)]];
            Span<byte> bytes = segment.AsSpan((int)block.Offset);
            BitConverter.TryWriteBytes(bytes[BlockHeader.Size..], baseCount);
            BitConverter.TryWriteBytes(bytes[88..], SecondReader.Crc.Of(bytes.Slice(BlockHeader.Size, block.StoredBytes)));
            BitConverter.TryWriteBytes(bytes[92..], SecondReader.Crc.Of(bytes[..92]));
            // The files that it wants may be there.
            for (int number = beginning.BaseCount; number < beginning.BaseCount + 2; number++)
                changed[SegmentWriter.NameOf(number)] = files[SegmentWriter.NameOf(0)];
            Assert.False(LogVerifier.Verify(Of(changed)).IsIntact);
            Assert.ThrowsAny<DeterminismException>(() => new FileEventLogReader(Of(changed)).Dispose());
        }
    }

    [Fact]
    public void A_file_that_has_no_segments_name_is_told_and_not_thrown()
    {
        Dictionary<string, byte[]> files = Record(Shapes.All["plain"], out _);
        files["notes.detlog"] = [];
        LogProblem told = Assert.Single(LogVerifier.Verify(Of(files)).Problems);
        Assert.Contains("notes.detlog", told.Message, StringComparison.Ordinal);
        Assert.Throws<LogDamagedException>(() => new FileEventLogReader(Of(files)));
    }

    private static Dictionary<string, byte[]> Record(LogWriteOptions options, out FlightRecorderStatus status)
    {
        // Some recordings, compressed, are so short that nothing has to go.
        SimulatedDisk disk;
        int recording = 0;
        do
            disk = FlightCrashTests.Record("racy", ClockKind.RetiredInstructions, Plant.None, out status, options);
        while (status.DroppedSegments == 0 && ++recording < MostRecordings);
        var files = new Dictionary<string, byte[]>();
        foreach (string name in disk.List())
        {
            using ILogFile file = disk.Open(name);
            var bytes = new byte[file.Length];
            BlockSearch.ReadUpTo(file, 0, bytes);
            files.Add(name, bytes);
        }
        return files;
    }

    private static DiskImage Of(Dictionary<string, byte[]> files) => new(files);
}
