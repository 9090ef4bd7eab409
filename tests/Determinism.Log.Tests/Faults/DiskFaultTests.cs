using Determinism.Log.Killed;
using Determinism.Log.Tests.Crashes;
using Determinism.Log.Tests.Disk;
using Determinism.Log.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Faults;

/// <summary>A disk that fails: everybody is told, nothing is tried again, and what was acknowledged is there.</summary>
public class DiskFaultTests(ITestOutputHelper output)
{
    private const int Seed = 11;
    private const int Streams = 3;
    private static readonly LogWriteOptions s_small = new() { SegmentBytes = 4 << 10 };

    [Fact]
    public void Short_writes_are_no_failure()
    {
        Recorded recorded = Recorded.MakeSynthetic(Seed, Streams, 300, s_small, disk => new ShortWrites(disk, new Random(Seed)));
        using var reader = new FileEventLogReader(recorded.Disk);
        Assert.True(reader.IsComplete);
        Assert.Null(Law9.FindFault(recorded.Appended, reader, reader, [], out _));
        Assert.Equal(recorded.Appended.EventCount, recorded.Appended.Count(reader, out _)!.Sum());
    }

    [Fact]
    public void Whichever_operation_fails_everybody_is_told_and_nothing_is_tried_again()
    {
        var failed = new Dictionary<DiskStepKind, int>();
        int states = 0;
        for (int operation = 1; ; operation++)
        {
            FlakyStorage? flaky = null;
            states += RecordOver(disk => flaky = new FlakyStorage(disk, operation), () => flaky!.Failed is not null,
                static log => new SyntheticRecording(Seed, Streams).AppendInTurn(log, 60));
            if (flaky!.Failed is not { } kind)
                break;
            Assert.Equal(0, flaky.TriedAfterwards);
            failed[kind] = failed.GetValueOrDefault(kind) + 1;
        }
        output.WriteLine($"Seed {Seed}: {states} states recovered; failed: {string.Join(", ", failed)}");
        // All but removals: this log keeps everything.
        Assert.Equal(Enum.GetValues<DiskStepKind>().Length - 1, failed.Count);
    }

    [Fact]
    public void A_disk_may_be_full_at_any_byte()
    {
        int states = 0;
        for (int capacity = 0; ; capacity += TestTier.Times(211, 7))
        {
            FullStorage? full = null;
            states += RecordOver(disk => full = new FullStorage(disk, capacity), () => full!.IsFull,
                static log => new SyntheticRecording(Seed, Streams).AppendAll(log, 60, static (_, _) => { }));
            if (!full!.IsFull)
                break;
        }
        output.WriteLine($"Seed {Seed}: {states} states recovered.");
    }

    // One recording that fails somewhere, or not at all; what power losses after it leave is recovered.
    private static int RecordOver(Func<ILogStorage, ILogStorage> wrap, Func<bool> hasFailed, Action<IEventLog> record)
    {
        var disk = new SimulatedDisk();
        FileEventLog? log = null;
        Exception? refused = Patience.Catch(() => log = new FileEventLog(wrap(disk), Streams, s_small));
        if (refused is not null)
        {
            Assert.IsType<IOException>(refused);
            return 0;
        }
        using var watched = new WatchedLog(log!, disk, eventsPerCommit: 15);
        Exception? thrown = Patience.Catch(() => record(watched));
        Exception? last = Patience.Catch(watched.Complete);
        Assert.Equal(hasFailed(), last is not null);
        if (last is not null)
        {
            AssertFailure(last);
            Exception[] all = thrown is AggregateException several ? [.. several.InnerExceptions] : thrown is null ? [] : [thrown];
            Array.ForEach(all, AssertFailure);
            AssertFailure(Patience.Catch(() => log!.Append(0, [1])));
            AssertFailure(Patience.Catch(() => log!.AppendBlock(BlockKind.Configuration, [1])));
            AssertFailure(Patience.Catch(watched.Complete));
        }
        Assert.Null(Patience.Catch(log!.Dispose));

        Recorded recorded = watched.ToRecorded();
        var recovery = new Recovery(recorded);
        Assert.Null(recovery.FindFault(disk.Now, states: 5, new Random(Seed)));
        return recovery.States;
    }

    private static void AssertFailure(Exception? error) =>
        Assert.IsType<IOException>(Assert.IsType<LogWriteException>(error).InnerException);
}
