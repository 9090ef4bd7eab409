using Determinism.Log.Killed;
using Determinism.Log.Tests.Disk;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Crashes;

/// <summary>That the recoveries of this folder see what they are there for: each of these breaks law L9.</summary>
public class DetectorTests(ITestOutputHelper output)
{
    private const int Seed = 5;
    private static readonly LogWriteOptions s_small = new() { SegmentBytes = 8 << 10 };

    [Fact]
    public void A_disk_that_does_not_sync_files_is_seen() =>
        AssertSeen(Record(disk => new LyingStorage(disk, keepsFiles: false, keptNames: int.MaxValue)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Names_that_are_not_synced_are_seen(int kept) =>
        AssertSeen(Record(disk => new LyingStorage(disk, keepsFiles: true, kept)));

    [Fact]
    public void An_acknowledgement_before_the_sync_is_seen()
    {
        var disk = new SimulatedDisk();
        using var log = new WatchedLog(new Impatient(new FileEventLog(disk, 4, s_small)), disk, eventsPerCommit: 20);
        new SyntheticRecording(Seed, 4).AppendAll(log, 800, static (_, _) => { });
        log.Complete();
        AssertSeen(new Recovery(log.ToRecorded()), log.ToRecorded());
    }

    [Fact]
    public void Events_without_their_causes_are_seen()
    {
        Recorded recorded = Record(static disk => disk).Recorded;
        AssertSeen(new Recovery(recorded, static reader => new Uncut(reader)), recorded);
    }

    [Fact]
    public void Without_any_of_that_nothing_is_seen()
    {
        (Recovery recovery, Recorded recorded) = Record(static disk => disk);
        Assert.Null(FindFault(recovery, recorded));
    }

    private static (Recovery Recovery, Recorded Recorded) Record(Func<ILogStorage, ILogStorage> wrap)
    {
        Recorded recorded = Recorded.MakeSynthetic(Seed, streams: 4, events: 800, s_small, wrap);
        return (new Recovery(recorded), recorded);
    }

    private static string? FindFault(Recovery recovery, Recorded recorded)
    {
        var random = new Random(Seed);
        for (int cut = 0; cut < 300; cut++)
        {
            if (recovery.FindFault(random.Next(recorded.Disk.Steps.Count + 1), 1, random) is { } fault)
                return fault;
        }
        return null;
    }

    private void AssertSeen((Recovery Recovery, Recorded Recorded) made) => AssertSeen(made.Recovery, made.Recorded);

    private void AssertSeen(Recovery recovery, Recorded recorded)
    {
        string? fault = FindFault(recovery, recorded);
        Assert.NotNull(fault);
        output.WriteLine($"Seed {Seed}, seen in state {recovery.States}: {fault.Split('\n')[0]}");
    }

    private sealed class Impatient(IEventLog log) : IEventLog
    {
        public int StreamCount => log.StreamCount;

        public LogPosition Append(int stream, ReadOnlySpan<byte> encoded) => log.Append(stream, encoded);

        public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content) => log.AppendBlock(kind, content);

        public void WaitForCommit(LogPosition position)
        {
        }

        public void Complete() => log.Complete();

        public void Dispose() => log.Dispose();
    }

    private sealed class Uncut(IEventLogReader log) : IEventLogReader
    {
        public int StreamCount => log.StreamCount;

        public bool IsComplete => log.IsComplete;

        public ReadOnlyMemory<byte> ReadEvents(int stream, long offset) => log.ReadEvents(stream, offset);

        public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content) => log.TryReadBlock(kind, out content);

        public void Dispose()
        {
        }
    }
}
