using CsCheck;
using Determinism.Log;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>A session that ends early ends for all of its agents: nobody hangs.</summary>
public class EndingTests
{
    private static readonly Gen<(ScriptedRun Run, int Entry)> s_endings =
        Gen.Select(Runs.Random, Gen.Int[0, 60], (run, entry) => (run, entry));

    [Theory]
    [MemberData(nameof(Runs.AllWays), MemberType = typeof(Runs))]
    public void A_recording_cancelled_at_any_moment_ends_and_what_it_wrote_replays(
        ClockKind clock, SchedulerKind scheduler) => s_endings.Sample(
            (one, entry) =>
            {
                using var log = new MemoryEventLog(one.Program.Shape.AgentCount);
                ScriptedRun run = Runs.For(one, clock, scheduler);
                Outcome recorded = (run with { BeforeEntry = At(entry, session => session.Cancel()) }).Record(log);
                Assert.Empty(recorded.Violations);
                // The streams break off at different moments, so the end is not the same; but what there is is right.
                Outcome replayed = run.TryReplay(log);
                Assert.Null(replayed.Failure);
            },
            iter: TestTier.Times(15, 400), threads: 1, print: one => one.ToString());

    [Theory]
    [MemberData(nameof(Runs.AllWays), MemberType = typeof(Runs))]
    public void A_failure_of_one_agent_ends_the_recording_with_that_failure(
        ClockKind clock, SchedulerKind scheduler) => s_endings.Sample(
            (one, entry) =>
            {
                using var log = new MemoryEventLog(one.Program.Shape.AgentCount);
                var failure = new DeterminismException("planned");
                int failures = 0;
                ScriptedRun run = Runs.For(one, clock, scheduler) with
                {
                    BeforeEntry = At(entry, _ =>
                    {
                        failures++;
                        throw failure;
                    }),
                };
                Outcome outcome = run.TryRecord(log, null, out _);
                Assert.Same(failures > 0 ? failure : null, outcome.Failure);
            },
            iter: TestTier.Times(15, 400), threads: 1, print: one => one.ToString());

    [Theory]
    [MemberData(nameof(Runs.AllWays), MemberType = typeof(Runs))]
    public void A_replay_cancelled_at_any_moment_ends(ClockKind clock, SchedulerKind scheduler) => s_endings.Sample(
        (one, entry) =>
        {
            using var log = new MemoryEventLog(one.Program.Shape.AgentCount);
            ScriptedRun run = Runs.For(one, clock, scheduler);
            run.Record(log);
            Outcome replayed = (run with { BeforeEntry = At(entry, session => session.Cancel()) }).TryReplay(log);
            Assert.Null(replayed.Failure);
        },
        iter: TestTier.Times(10, 400), threads: 1, print: one => one.ToString());

    private static Action<ExecutionSession, int> At(int entry, Action<ExecutionSession> act)
    {
        int entries = 0;
        return (session, _) =>
        {
            if (Interlocked.Increment(ref entries) == entry + 1)
                act(session);
        };
    }
}
