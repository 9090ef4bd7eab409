using CsCheck;
using Determinism.Log;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>Law L3: inputs, points and constraints decide everything.</summary>
public class RoundtripTests
{
    private static readonly Gen<ScriptedRun> s_runs = Gen.Select(
        Gen.ULong, Gen.Int[2, 8], Gen.Int[5, 40], Gen.Int[1, 5], Gen.Int[0, 2], Gen.Int[10, 90], Gen.Int[6, 30],
        Gen.Bool,
        (seed, vcpus, ops, hot, shared, writes, pageShift, isHazardous) => new ScriptedRun(new ProgramShape
        {
            Seed = seed,
            Vcpus = vcpus,
            Ops = ops,
            HotFrames = hot,
            SharedFrames = shared,
            WritePercent = writes,
            PageShift = pageShift,
            MemoryBytes = 1UL << 40,
        })
        {
            Seed = seed,
            Hazards = isHazardous ? Hazards.All(seed) : Hazards.None,
        });

    public static TheoryData<ClockKind, SchedulerKind> Ways()
    {
        var ways = new TheoryData<ClockKind, SchedulerKind>();
        foreach (SchedulerKind scheduler in Enum.GetValues<SchedulerKind>())
        {
            ways.Add(ClockKind.RetiredInstructions, scheduler);
            ways.Add(ClockKind.SoftwareCounter, scheduler);
        }
        ways.Add(ClockKind.None, SchedulerKind.Serial);
        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_recording_replays_to_the_same_end_as_often_as_wanted(ClockKind clock, SchedulerKind scheduler) =>
        s_runs.Sample(
            one =>
            {
                ScriptedRun run = one with
                {
                    Clock = clock,
                    Scheduler = scheduler,
                    // A serialised recording is not protected: there is no protection to lose.
                    Hazards = scheduler == SchedulerKind.Serial ? one.Hazards with { LostProtectionOneIn = 0 } : one.Hazards,
                };
                using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
                Outcome recorded = run.Record(log);
                Assert.Empty(recorded.Violations);
                for (ulong replay = 1; replay <= 2; replay++)
                {
                    Outcome replayed = run.Replay(log, hazardSeed: replay);
                    Assert.Equal(recorded.Fingerprint, replayed.Fingerprint);
                    Assert.Empty(replayed.Violations);
                }
            },
            iter: TestTier.Times(40, 1_000), threads: 1, print: run => run.ToString());
}
