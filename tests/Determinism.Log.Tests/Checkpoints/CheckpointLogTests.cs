using Determinism.Checkpoints;
using Determinism.Log.Fuzz;
using Determinism.Log.Tests.SecondReader;
using Determinism.Log.Tests.Support;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Machine.Tests.Checkpoints;

namespace Determinism.Log.Tests.Checkpoints;

/// <summary>Checkpoints in files: read back, verified, copied, repaired, redacted.</summary>
public class CheckpointLogTests
{
    private const int Seed = 11;

    // One recording for all: reading is what is tested.
    private static readonly Lazy<(MemoryEventLog Log, MachineState End)> s_recording = new(static () =>
    {
        var log = new MemoryEventLog(3);
        MachineState end = CheckpointRunner.Record(
            MachineRunner.Configure("devices", 2, ClockKind.RetiredInstructions), log, "parallel", Seed, 30);
        return (log, end);
    });

    public static TheoryData<string> ShapeNames => [.. Shapes.All.Keys];

    [Theory]
    [MemberData(nameof(ShapeNames))]
    public void A_log_of_any_shape_starts_replays_at_each_of_its_checkpoints(string shape)
    {
        LogWriteOptions options = Shapes.All[shape];
        MemoryStorage storage = Write(options);
        var read = new LogReadOptions { Keys = options.Keys };
        using var log = new FileEventLogReader(storage, read);
        IReadOnlyList<Checkpoint> all = LogCheckpoints.ReadFrom(log).All;
        Assert.Equal(s_recording.Value.Log.CountBlocks(BlockKind.Checkpoint), all.Count);
        Assert.True(all.Count >= 3, $"{all.Count} checkpoints");
        foreach (Checkpoint from in CheckpointRunner.Choose(all, 3, new Random(Seed)))
            Assert.Null(s_recording.Value.End.FindDifference(CheckpointRunner.Replay(log, from)));
        LogVerification found = LogVerifier.Verify(storage, read);
        Assert.True(found.IsIntact, string.Join('\n', found.Problems));
    }

    [Fact]
    public void Copies_and_repairs_keep_them()
    {
        MemoryStorage storage = Write(new LogWriteOptions());
        var repaired = new MemoryStorage();
        Assert.True(LogRepair.Repair(storage, repaired).IsWhole);
        using var first = new FileEventLogReader(storage);
        using var second = new FileEventLogReader(repaired);
        Assert.Equal(first.CountBlocks(BlockKind.Checkpoint), second.CountBlocks(BlockKind.Checkpoint));
        for (int index = 0; index < first.CountBlocks(BlockKind.Checkpoint); index++)
            Assert.Equal(first.ReadBlock(BlockKind.Checkpoint, index).ToArray(), second.ReadBlock(BlockKind.Checkpoint, index).ToArray());
        Assert.True(LogVerifier.Verify(repaired).IsIntact);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_taken_out_of_a_log_is_not_left_in_its_checkpoints(bool takesPayloads)
    {
        MemoryStorage storage = Write(new LogWriteOptions());
        using var log = new FileEventLogReader(storage);
        var target = new MemoryEventLog(log.StreamCount);
        LogRedactionResult result = new LogRedaction { AllPayloads = takesPayloads, States = !takesPayloads }.WriteTo(log, target);
        Assert.Equal(0, target.CountBlocks(BlockKind.Checkpoint));
        Assert.Contains($"block checkpoints {log.CountBlocks(BlockKind.Checkpoint)}", result.Lines);
        Assert.Contains($"block checkpoints {log.CountBlocks(BlockKind.Checkpoint)}", LogRedaction.ReadLines(target));
        if (!takesPayloads)
            Assert.Null(s_recording.Value.End.FindDifference(MachineRunner.Replay(target)));
    }

    [Fact]
    public void A_second_reader_written_from_the_page_reads_the_same()
    {
        MemoryStorage storage = Write(Shapes.All["small segments"]);
        using var log = new FileEventLogReader(storage);
        Block[] blocks = [.. new SecondLog(storage.Copy()).Blocks.Where(static block => block.Head.Kind == 7)];
        IReadOnlyList<Checkpoint> all = LogCheckpoints.ReadFrom(log).All;
        Assert.Equal(all.Count, blocks.Length);
        foreach ((Checkpoint one, Block block) in all.Zip(blocks))
            Compare(one, SecondCheckpoint.Read(block.Plain, log.StreamCount), log.StreamCount);
    }

    private static void Compare(Checkpoint one, SecondCheckpoint other, int agents)
    {
        Assert.Equal(((ulong)one.Number, one.StateBytes, one.StoredPieces), (other.Number, other.StateBytes, other.Contents.Length));
        Assert.Equal(one.Content.Memory.Select(static piece => (piece.Piece, piece.Content)), other.Memory);
        Assert.Equal((one.Content.FirstContent, one.Content.State.Length), (other.First, other.State.Length));
        Assert.Equal(one.Content.State, other.State);
        for (int agent = 0; agent < agents; agent++)
        {
            AgentCheckpoint mine = one.Content.Agents[agent];
            SecondAgent theirs = other.Agents[agent];
            Assert.Equal((mine.Position.Events, (byte)mine.Position.Place, mine.Position.Position),
                (theirs.Events, theirs.Place, theirs.Position));
            AgentProgress progress = mine.Progress;
            Assert.Equal((byte)((byte)progress.LastExit | (progress.HasEnded ? 0x80 : 0)), theirs.Exit);
            Assert.Equal((progress.ExitCount, progress.Digest, progress.StateDigest, progress.MixedPosition),
                (theirs.Exits, theirs.Digest, theirs.State, theirs.MixedPosition));
            Assert.Equal(progress.MixedPlace == PlaceKind.Same ? (byte)255 : (byte)progress.MixedPlace, theirs.MixedPlace);
            Assert.Equal(
                [progress.Point.Count, progress.Point.InstructionPointer, progress.Point.StackPointer, progress.Point.StringCounter],
                theirs.Point);
            Assert.Equal(mine.Clock, theirs.Clock);
            Assert.Equal(mine.Rights.Select(static held => (held.Frame, held.Right == AccessRight.ReadWrite)), theirs.Rights);
        }
    }

    /// <summary>Whatever the bytes are, they are a checkpoint or damage.</summary>
    [Fact]
    public void Changed_bytes_end_in_a_checkpoint_or_in_an_error()
    {
        byte[] block = s_recording.Value.Log.ReadBlock(BlockKind.Checkpoint, 1).ToArray();
        int head = CheckpointReader.Read(block, 3).HeadBytes;
        int damaged = 0, read = 0;
        for (int change = 0; change < TestTier.Times(20_000, 500_000); change++)
        {
            var random = new Random((Seed * 104_729) + change);
            byte[] bytes = [.. block];
            for (int times = random.Next(1, 5); times > 0; times--)
                bytes[random.Next(head)] = (byte)random.Next(256);
            if (random.Next(8) == 0)
                Array.Resize(ref bytes, random.Next(bytes.Length));
            try
            {
                CheckpointReader.Read(bytes, 3);
                read++;
            }
            catch (LogDamagedException)
            {
                damaged++;
            }
        }
        Assert.True(read > 0 && damaged > 0, $"{read} read, {damaged} damaged");
    }

    /// <summary>Blocks that are whole, and not what can come there.</summary>
    [Theory]
    [InlineData("twice", "does not go on from the one before it")]
    [InlineData("without the first", "does not go on from the one before it")]
    [InlineData("before its events", "before it there are")]
    [InlineData("no checkpoint", "cannot be read")]
    public void The_verifier_finds_what_is_no_checkpoint_of_its_log(string what, string said)
    {
        MemoryEventLog log = s_recording.Value.Log;
        ReadOnlyMemory<byte>[] blocks =
            [.. Enumerable.Range(0, 3).Select(index => log.ReadBlock(BlockKind.Checkpoint, index))];
        var storage = new MemoryStorage();
        using (var target = new FileEventLog(storage, log.StreamCount, new LogWriteOptions()))
        {
            if (what == "before its events")
                target.AppendBlock(BlockKind.Checkpoint, blocks[0].Span);
            for (int stream = 0; stream < log.StreamCount; stream++)
            {
                long offset = 0;
                for (ReadOnlyMemory<byte> run; !(run = log.ReadEvents(stream, offset)).IsEmpty; offset += run.Length)
                    target.Append(stream, run.Span);
            }
            if (what is "twice")
                target.AppendBlock(BlockKind.Checkpoint, blocks[0].Span);
            if (what is "twice" or "without the first")
                target.AppendBlock(BlockKind.Checkpoint, (what == "twice" ? blocks[0] : blocks[1]).Span);
            if (what is "no checkpoint")
                target.AppendBlock(BlockKind.Checkpoint, [1, 2, 3]);
            target.Complete();
        }
        LogVerification found = LogVerifier.Verify(storage);
        Assert.Contains(found.Problems, problem => problem.Message.Contains(said, StringComparison.Ordinal));
        using var reader = new FileEventLogReader(storage);
        if (what != "before its events")
            Assert.Throws<LogDamagedException>(() => LogCheckpoints.ReadFrom(reader));
    }

    private static MemoryStorage Write(LogWriteOptions options)
    {
        var storage = new MemoryStorage();
        using var target = new FileEventLog(storage, 3, options);
        LogCopy.CopyTo(s_recording.Value.Log, target);
        return storage;
    }
}
