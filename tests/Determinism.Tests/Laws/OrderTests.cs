using CsCheck;
using Determinism.Log;
using Determinism.Tests.Oracle;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>Laws L2, L4 and L6, judged by an oracle that saw every access.</summary>
public class OrderTests
{
    [Theory]
    [MemberData(nameof(Runs.ParallelWays), MemberType = typeof(Runs))]
    public void Every_conflicting_pair_is_ordered_by_constraints_none_of_which_is_implied(
        ClockKind clock, SchedulerKind scheduler) => Runs.Random.Sample(
            one => Judge(Runs.For(one, clock, scheduler)),
            iter: TestTier.Times(25, 600), threads: 1, print: run => run.ToString());

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void A_serialised_recording_orders_every_conflicting_pair(ClockKind clock) => Runs.Random.Sample(
        one => Judge(Runs.For(one, clock, SchedulerKind.Serial)),
        iter: TestTier.Times(15, 300), threads: 1, print: run => run.ToString());

    [Theory]
    [InlineData(33)]
    [InlineData(60)]
    public void More_agents_than_a_word_has_bits_for_are_ordered_too(int vcpus)
    {
        for (ulong seed = 1; seed <= (ulong)TestTier.Times(5, 100); seed++)
        {
            var shape = new ProgramShape
            {
                Seed = seed, Vcpus = vcpus, Ops = 8, Rounds = 1, HotFrames = 3, WritePercent = 15, MemoryBytes = 1UL << 40,
            };
            Judge(new ScriptedRun(shape) { Seed = seed, Scheduler = SchedulerKind.Chaos, Hazards = Hazards.All(seed) });
        }
    }

    [Fact]
    public void Without_reduction_the_same_pairs_are_ordered_by_more_constraints()
    {
        long written = 0;
        long superfluous = 0;
        Runs.Random.Sample(
            one =>
            {
                ScriptedRun run = Runs.For(one, ClockKind.RetiredInstructions, SchedulerKind.Greedy) with
                {
                    ReduceConstraints = false,
                };
                DecodedEvent[][] streams = RecordTraced(run, out AccessTrace trace);
                var order = new HappensBefore(streams);
                Assert.Equal("", order.Cycle);
                Assert.Equal("", ConflictOracle.FindUnordered(trace.Accesses, streams, order));
                written += streams.Sum(stream => stream.Sum(one => one.Constraints.Length));
                superfluous += order.FindImplied().Count();
            },
            iter: TestTier.Times(20, 300), threads: 1, print: run => run.ToString());
        Assert.True(superfluous > 0, $"None of {written} constraints was superfluous: the reduction has nothing to do.");
    }

    private static void Judge(ScriptedRun run)
    {
        DecodedEvent[][] streams = RecordTraced(run, out AccessTrace trace);
        var order = new HappensBefore(streams);
        Assert.Equal("", order.Cycle);
        Assert.Equal("", ConflictOracle.FindUnordered(trace.Accesses, streams, order));
        Assert.Empty(order.FindImplied());
    }

    private static DecodedEvent[][] RecordTraced(ScriptedRun run, out AccessTrace trace)
    {
        using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
        trace = new AccessTrace();
        Outcome outcome = run.Record(log, trace);
        Assert.Empty(outcome.Violations);
        return DecodedLog.Read(log);
    }
}
