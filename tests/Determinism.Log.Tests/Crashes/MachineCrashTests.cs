using Determinism.Log.Tests.Disk;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Replaying;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Crashes;

/// <summary>Law L9 over recordings of guests: what is left after a loss of power is replayed to its end. The quick tier
/// recovers 300 random moments of each recording and replays 6, the full tier 10,000 and 60.</summary>
public class MachineCrashTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("racy", 3, ClockKind.RetiredInstructions, "parallel")]
    [InlineData("ocean", 2, ClockKind.SoftwareCounter, "parallel")]
    [InlineData("ocean", 2, ClockKind.RetiredInstructions, "chaos")]
    [InlineData("racy", 2, ClockKind.RetiredInstructions, "serial")]
    public void A_recording_that_broke_off_is_replayed_to_where_it_did(string guest, int vcpus, ClockKind clock, string scheduler)
    {
        const int Seed = 3;
        Recorded recorded = Record(guest, vcpus, clock, scheduler);
        var recovery = new Recovery(recorded);
        var random = new Random(Seed);
        foreach (int moment in recorded.SyncBoundaries)
            Assert.Null(recovery.FindFault(moment, 1, random));
        for (int cut = 0; cut < TestTier.Times(300, 10_000); cut++)
            Assert.Null(recovery.FindFault(random.Next(recorded.Disk.Steps.Count + 1), 1, random));
        output.WriteLine($"{guest}, {scheduler}, seed {Seed}: {recovery}");

        // From the first acknowledgement on, what the machine starts from is durable too.
        int first = recorded.Acknowledgements[0].Moment;
        for (int cut = 0; cut < TestTier.Times(6, 60); cut++)
            Replay(recorded, random.Next(first, recorded.Disk.Steps.Count), random);
        Replay(recorded, recorded.Disk.Steps.Count, random);
    }

    private static Recorded Record(string guest, int vcpus, ClockKind clock, string scheduler)
    {
        var disk = new SimulatedDisk();
        using var log = new WatchedLog(
            new FileEventLog(disk, vcpus + 1, new LogWriteOptions { SegmentBytes = 4 << 10 }), disk,
            eventsPerCommit: scheduler == "serial" ? 4 : 40);
        MachineRunner.Record(MachineRunner.Configure(guest, vcpus, clock), MachineRunner.MakeScheduler(scheduler, vcpus), log);
        return log.ToRecorded();
    }

    private void Replay(Recorded recorded, int moment, Random random)
    {
        using var reader = new FileEventLogReader(PowerLoss.At(recorded.Disk, moment, random));
        ClosedLog closed = ClosedLog.Of(reader);
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(closed));
        using ReplaySession session = MachineRuns.StartReplay(machine, closed);
        machine.Run(session);
        ulong[] replayed = [.. Enumerable.Range(0, closed.StreamCount).Select(agent => session.Agent(agent).CompletedEvents)];
        Assert.Equal(closed.Cuts.Select(static cut => cut.Events), replayed);
        bool isWhole = replayed.Sum(static events => (long)events) == recorded.Appended.EventCount;
        Assert.Equal(isWhole, session.ReachedEveryEnd);
        output.WriteLine($"Moment {moment}: replayed to {string.Join(", ", closed.Cuts)}{(isWhole ? ", the end" : "")}");
    }
}
