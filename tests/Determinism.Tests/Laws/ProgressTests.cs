using CsCheck;
using Determinism.Log;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>Law L5: an instruction completes after a bounded number of faults.</summary>
public class ProgressTests
{
    [Theory]
    [MemberData(nameof(Runs.ParallelWays), MemberType = typeof(Runs))]
    public void An_instruction_whose_accesses_are_all_told_faults_at_most_once(
        ClockKind clock, SchedulerKind scheduler) =>
        MostFaultsAre(1, tellsFirstOnly: false, clock, scheduler);

    [Theory]
    [MemberData(nameof(Runs.ParallelWays), MemberType = typeof(Runs))]
    public void An_instruction_that_tells_its_accesses_one_by_one_faults_at_most_once_for_each(
        ClockKind clock, SchedulerKind scheduler) =>
        MostFaultsAre(3, tellsFirstOnly: true, clock, scheduler);

    // Without messages: the span of an interrupt at the fault lets the pins go, and may cost one fault more each time.
    private static void MostFaultsAre(int bound, bool tellsFirstOnly, ClockKind clock, SchedulerKind scheduler) =>
        Runs.Random.Sample(
            one =>
            {
                ScriptedRun run = Runs.For(one, clock, scheduler) with
                {
                    Program = (one.Shape with { HasEvents = false }).Build(),
                    Hazards = new Hazards
                    {
                        Seed = one.Seed, HostExitOneIn = 9, YieldOneIn = 3, TellsFirstOnly = tellsFirstOnly,
                    },
                };
                using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
                Outcome outcome = run.Record(log);
                Assert.InRange(outcome.MostFaults, 0, bound);
            },
            iter: TestTier.Times(25, 600), threads: 1, print: run => run.ToString());
}
