using Determinism.Log.Killed;
using Determinism.Log.Tests.Disk;
using Determinism.Log.Tests.Support;

namespace Determinism.Log.Tests.Commits;

public class CommitPolicyTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    [Fact]
    public void Explicit_commits_only_when_asked()
    {
        var disk = new SimulatedDisk();
        using var log = new FileEventLog(disk, 1, new LogWriteOptions());
        int before = Syncs(disk);
        LogPosition last = Fill(log, 3 * LogLimits.BlockBytes);
        log.AppendBlock(BlockKind.Configuration, [1]);
        Assert.Equal(before, Syncs(disk));
        log.WaitForCommit(last);
        Assert.Equal(before + 1, Syncs(disk));
    }

    [Fact]
    public void Each_block_that_is_full_is_committed()
    {
        var disk = new SimulatedDisk();
        using var log = new FileEventLog(disk, 1, new LogWriteOptions { Commit = CommitPolicy.EachBlock });
        int before = Syncs(disk);
        Fill(log, LogLimits.BlockBytes / 2);
        Assert.Equal(before, Syncs(disk));
        Fill(log, LogLimits.BlockBytes);
        Patience.WaitFor(() => Syncs(disk) > before);
    }

    [Fact]
    public void Every_so_often_what_is_new_is_committed()
    {
        var disk = new SimulatedDisk();
        var timers = new ManualTimers();
        LogPosition last;
        using (var log = new FileEventLog(disk, 1, new LogWriteOptions { Commit = CommitPolicy.Every(s_interval), Time = timers }))
        {
            Assert.Equal((s_interval, s_interval), (timers.DueTime, timers.Period));
            int before = Syncs(disk);
            last = Fill(log, 1000);
            Assert.Equal(before, Syncs(disk));
            timers.Go();
            Patience.WaitFor(() => Syncs(disk) == before + 1);
            int moment = disk.Now;
            using (var reader = new FileEventLogReader(PowerLoss.At(disk, moment, new Random(1))))
                Assert.Equal(last.Offset, reader.ReadEvents(0, 0).Length);

            // With nothing new there is nothing to do, however often.
            for (int time = 0; time < 20; time++)
            {
                timers.Go();
                log.WaitForCommit(last);
            }
            log.WaitForCommit(Fill(log, 10));
            Assert.Equal(before + 2, Syncs(disk));
        }
        Assert.False(timers.HasTimer);
    }

    [Fact]
    public void Every_so_often_needs_a_source_of_time() => Assert.Throws<ArgumentException>(
        () => new FileEventLog(new SimulatedDisk(), 1, new LogWriteOptions { Commit = CommitPolicy.Every(s_interval) }));

    private static LogPosition Fill(FileEventLog log, int bytes)
    {
        var events = new SyntheticStream(1, 0, 1);
        LogPosition last = default;
        for (int length = 0; length < bytes; length += events.Encoded.Length)
        {
            events.MoveNext();
            last = log.Append(0, events.Encoded);
        }
        return last;
    }

    private static int Syncs(SimulatedDisk disk) => disk.CountOf(DiskStepKind.Sync);
}
