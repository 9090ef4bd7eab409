using Determinism.Log.Killed;
using Determinism.Log.Tests.Crashes;
using Determinism.Log.Tests.Disk;
using Determinism.Log.Tests.Support;

namespace Determinism.Log.Tests.Faults;

/// <summary>A disk that is slower than what is recorded: the writer waits, nothing is dropped, memory does not
/// grow.</summary>
public class SlowDiskTests
{
    private const int Seed = 12;
    private const int Events = 30_000;
    private static readonly LogWriteOptions s_options = new() { BacklogBytes = 128 << 10 };

    [Fact]
    public void A_stream_that_is_ahead_waits_and_goes_on_when_the_disk_does()
    {
        var disk = new SimulatedDisk();
        using var held = new HeldStorage(disk);
        using var watched = new WatchedLog(new FileEventLog(held, 2, s_options), disk, int.MaxValue);
        Thread writer = StartAndWaitUntilItWaits(watched, held, out Func<Exception?> thrown);

        // The other stream has a share of its own, and whoever waits for a commit has to wait.
        var events = new SyntheticStream(Seed, 1, 2);
        events.MoveNext();
        LogPosition other = watched.Append(1, events.Encoded);
        bool isCommitted = false;
        var waiter = new Thread(() =>
        {
            watched.WaitForCommit(other);
            Volatile.Write(ref isCommitted, true);
        });
        waiter.Start();
        Patience.WaitFor(() => waiter.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        Assert.False(Volatile.Read(ref isCommitted));

        held.LetGo();
        Assert.Null(Patience.Catch(writer.Join));
        Assert.Null(Patience.Catch(waiter.Join));
        Assert.Null(thrown());
        watched.Complete();
        Recorded recorded = watched.ToRecorded();
        Assert.Equal(Events + 1, recorded.Appended.EventCount);
        using var reader = new FileEventLogReader(disk);
        Assert.Equal(recorded.Appended.EventCount, recorded.Appended.Count(reader, out string fault)?.Sum());
        Assert.Empty(fault);
    }

    [Fact]
    public void A_stream_that_waits_is_told_when_the_disk_fails()
    {
        var disk = new SimulatedDisk();
        using var held = new HeldStorage(disk);
        using var watched = new WatchedLog(new FileEventLog(held, 2, s_options), disk, int.MaxValue);
        Thread writer = StartAndWaitUntilItWaits(watched, held, out Func<Exception?> thrown);
        held.Fails = true;
        held.LetGo();
        Assert.Null(Patience.Catch(writer.Join));
        Assert.IsType<LogWriteException>(thrown());
        Assert.IsType<LogWriteException>(Patience.Catch(watched.Complete));
    }

    private static Thread StartAndWaitUntilItWaits(WatchedLog log, HeldStorage held, out Func<Exception?> thrown)
    {
        held.Hold();
        long appended = 0;
        Exception? error = null;
        var writer = new Thread(() => error = Record.Exception(() =>
        {
            var events = new SyntheticStream(Seed, 0, 1);
            for (int number = 0; number < Events; number++)
            {
                events.MoveNext();
                Volatile.Write(ref appended, log.Append(0, events.Encoded).Offset);
            }
        }));
        thrown = () => error;
        writer.Start();
        Patience.WaitFor(() => Volatile.Read(ref appended) > s_options.BacklogBytes / 2
            && writer.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        Assert.InRange(Volatile.Read(ref appended), s_options.BacklogBytes - LogLimits.BlockBytes,
            s_options.BacklogBytes + LogLimits.BlockBytes);
        return writer;
    }
}
