using Determinism.Guests;
using Determinism.Log.Fuzz;
using Determinism.Log.Tests.Support;
using Determinism.Machine.Tests;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.SecondReader;

/// <summary>The page of the format is enough to read every log by.</summary>
public class SecondReaderTests(ITestOutputHelper output)
{
    public static TheoryData<string> Guests => [.. GuestCatalog.All.Select(static guest => guest.Name)];

    [Theory]
    [MemberData(nameof(Guests))]
    public void It_agrees_on_recordings(string guest)
    {
        int seed = 0;
        long events = 0, logs = 0;
        foreach ((string shape, LogWriteOptions options) in Shapes.All)
        {
            string[] schedulers = TestTier.IsFull ? ["parallel", "serial", "chaos"] : ["parallel"];
            foreach (string scheduler in schedulers)
            {
                RecordedRun recording = Recordings.Record(
                    MachineRunner.Configure(guest, 2, ClockKind.RetiredInstructions), scheduler, options, ++seed,
                    eventsPerCommit: seed % 2 == 0 ? 20 : 300);
                foreach (SortedDictionary<string, byte[]> files in recording.CutShort.Prepend(recording.Files))
                {
                    events += CheckShape(files, options);
                    logs++;
                }
                output.WriteLine($"{guest}, {shape}, {scheduler}: {recording.Files.Values.Sum(static file => file.Length)} bytes");
            }
        }
        output.WriteLine($"{logs} logs, {events} events");
        Assert.True(events > 0);
    }

    [Fact]
    public void It_agrees_on_where_a_log_ends_that_was_cut_off_at_any_byte()
    {
        LogWriteOptions options = Shapes.All["small segments"];
        RecordedRun recording = Recordings.Record(Recordings.Tiny("racy"), "parallel", options, 1, 10);
        int torn = 0;
        for (int cut = 0; cut < 500; cut++)
        {
            var files = new SortedDictionary<string, byte[]>(recording.Files);
            string last = files.Keys.Last(static name => name.EndsWith(".detlog", StringComparison.Ordinal));
            files.Remove("manifest");
            if (cut % 2 == 0)
                files.Remove(last);
            last = files.Keys.Last();
            files[last] = files[last][..(64 + ((files[last].Length - 64) * cut / 500))];
            CheckShape(files, options);
            torn += new SecondLog(files).Torn ? 1 : 0;
        }
        Assert.True(torn > 300, $"{torn} of 500 were torn");
    }

    [Fact]
    public void It_agrees_on_bytes_that_are_no_events_of_this_encoding()
    {
        var storage = new MemoryStorage();
        using (var log = new FileEventLog(storage, 2, new LogWriteOptions()))
        {
            for (byte value = 0; value < 100; value++)
                log.WaitForCommit(log.Append(value & 1, [0xFF, value]));
            log.Complete();
        }
        var second = new SecondLog(storage.Copy());
        Assert.True(second.Completed);
        using var first = new FileEventLogReader(storage);
        Block[] blocks = [.. second.Blocks.Where(static block => block.Head is { Kind: 2, Stream: 1 })];
        Assert.All(blocks, static block => Assert.True(block.Head.Opaque));
        foreach (Block block in blocks)
            Assert.Equal(first.ReadEvents(1, (long)block.Head.BytesBefore).ToArray(), block.Plain);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_finds_what_no_checksum_shows(bool isEncrypted)
    {
        LogWriteOptions options = Shapes.All[isEncrypted ? "encrypted" : "chained"];
        SortedDictionary<string, byte[]> files = Recordings.Record(Recordings.Tiny("racy"), "serial", options, 1, 10).Files;
        byte[] segment = files["000000.detlog"];
        var first = new SecondLog(files, Secrets.Encryption, Secrets.Chain);
        Block block = first.Blocks.First(static one => one.Segment == 0 && one.Head.Stored > 0);
        // Another content, and its checksums made right.
        segment[block.At + Head.Size + block.Head.Stored - 1] ^= 1;
        Seal(segment.AsSpan(block.At), block.Head.Stored);
        Assert.ThrowsAny<Exception>(() => new SecondLog(files, Secrets.Encryption, Secrets.Chain));
    }

    private static void Seal(Span<byte> block, int stored)
    {
        BitConverter.TryWriteBytes(block[88..], Crc.Of(block.Slice(Head.Size, stored)));
        BitConverter.TryWriteBytes(block[92..], Crc.Of(block[..92]));
    }

    private static long CheckShape(SortedDictionary<string, byte[]> files, LogWriteOptions options) => Agreement.Check(files,
        options.Keys?.CanDecrypt == true ? Secrets.Encryption : null,
        options.Keys?.CanVerify == true ? Secrets.Chain : null);
}
