using CsCheck;
using Determinism.Log;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>Law L3: inputs, points and constraints decide everything.</summary>
public class RoundtripTests
{
    [Theory]
    [MemberData(nameof(Runs.AllWays), MemberType = typeof(Runs))]
    public void A_recording_replays_to_the_same_end_as_often_as_wanted(ClockKind clock, SchedulerKind scheduler) =>
        Runs.Random.Sample(
            one => RecordAndReplay(Runs.For(one, clock, scheduler), replays: 2),
            iter: TestTier.Times(25, 1_000), threads: 1, print: run => run.ToString());

    [Theory]
    [InlineData(40, ClockKind.RetiredInstructions, SchedulerKind.Greedy)]
    [InlineData(40, ClockKind.SoftwareCounter, SchedulerKind.Parallel)]
    [InlineData(40, ClockKind.RetiredInstructions, SchedulerKind.Chaos)]
    [InlineData(253, ClockKind.RetiredInstructions, SchedulerKind.Greedy)]
    [InlineData(253, ClockKind.SoftwareCounter, SchedulerKind.Greedy)]
    public void Many_vCPUs_and_a_device_replay_too(int vcpus, ClockKind clock, SchedulerKind scheduler) =>
        RecordAndReplay(
            new ScriptedRun(new ProgramShape
            {
                Seed = (ulong)vcpus, Vcpus = vcpus, Ops = vcpus > 100 ? 4 : 10, Rounds = 1, HotFrames = 4, WritePercent = 15,
            })
            {
                Clock = clock, Scheduler = scheduler, Seed = 7, Hazards = Hazards.All(7),
            },
            replays: 1);

    private static void RecordAndReplay(ScriptedRun run, int replays)
    {
        using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
        Outcome recorded = run.Record(log);
        Assert.Empty(recorded.Violations);
        for (int replay = 1; replay <= replays; replay++)
        {
            Outcome replayed = run.Replay(log, hazardSeed: (ulong)replay);
            Assert.Equal(recorded.Fingerprint, replayed.Fingerprint);
            Assert.True(replayed.ReachedEveryEnd);
            Assert.Empty(replayed.Violations);
        }
    }
}
