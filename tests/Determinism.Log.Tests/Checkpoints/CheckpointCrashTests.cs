using Determinism.Checkpoints;
using Determinism.Log.Tests.Crashes;
using Determinism.Log.Tests.Disk;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Machine.Tests.Checkpoints;
using Determinism.Recording;
using Determinism.Replaying;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Checkpoints;

/// <summary>What is left of a log after a loss of power has all events of each checkpoint that is left, and replays from
/// it.</summary>
public class CheckpointCrashTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("racy", 2, ClockKind.RetiredInstructions)]
    [InlineData("devices", 2, ClockKind.SoftwareCounter)]
    public void A_log_that_broke_off_is_replayed_from_its_last_checkpoint(string guest, int vcpus, ClockKind clock)
    {
        const int Seed = 17;
        SimulatedDisk disk = Record(guest, vcpus, clock);
        var random = new Random(Seed);
        int with = 0;
        for (int cut = 0; cut < TestTier.Times(60, 2_000); cut++)
        {
            int moment = random.Next(disk.Steps.Count + 1);
            using FileEventLogReader? reader = TryOpen(PowerLoss.At(disk, moment, random));
            if (reader is null)
                continue;
            ClosedLog closed = ClosedLog.Of(reader);
            IReadOnlyList<Checkpoint> all = LogCheckpoints.ReadFrom(closed).All;
            Assert.All(all, one => Assert.Null(CheckpointRunner.FindOpenEvent(closed, one.Cut)));
            if (all.Count == 0 || with++ % TestTier.Times(10, 20) != 0)
                continue;
            Replay(closed, all[^1]);
        }
        output.WriteLine($"seed {Seed}: {with} of the logs had checkpoints");
        Assert.True(with > 20, $"Only {with} logs had checkpoints.");
    }

    private static FileEventLogReader? TryOpen(DiskImage image)
    {
        try
        {
            return new FileEventLogReader(image);
        }
        catch (LogDamagedException)
        {
            // There is no log yet.
            return null;
        }
    }

    private static void Replay(ClosedLog closed, Checkpoint from)
    {
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(closed));
        using ReplaySession session = MachineRuns.StartReplay(machine, closed, options => options with { From = from });
        machine.Run(session);
        ulong[] replayed = [.. Enumerable.Range(0, closed.StreamCount).Select(agent => session.Agent(agent).CompletedEvents)];
        Assert.Equal(closed.Cuts.Select(static cut => cut.Events), replayed);
    }

    private static SimulatedDisk Record(string guest, int vcpus, ClockKind clock)
    {
        var disk = new SimulatedDisk();
        using var log = new WatchedLog(
            new FileEventLog(disk, vcpus + 1, new LogWriteOptions { SegmentBytes = 64 << 10 }), disk, eventsPerCommit: 40);
        MachineConfiguration configuration = MachineRunner.Configure(guest, vcpus, clock) with { Disk = new byte[16 * 512] };
        using var machine = MachineRunner.NewMachine(configuration);
        // However little of the computer there is for it, frames go to and fro.
        using RecordingSession session = MachineRuns.StartRecording(machine, log, MachineRunner.MakeScheduler("chaos", vcpus),
            TimeProvider.System, options => options with { Checkpoints = new CheckpointOptions { State = machine, Events = 40 } });
        machine.Run(session);
        return disk;
    }
}
