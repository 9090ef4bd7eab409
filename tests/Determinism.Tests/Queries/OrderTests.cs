using CsCheck;
using Determinism.Log;
using Determinism.Queries;
using Determinism.Tests.Laws;
using Determinism.Tests.Oracle;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Queries;

/// <summary>What comes before what, against the transitive closure by brute force.</summary>
public class OrderTests
{
    private const int Seed = 20261129;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_pairs_of_random_logs(bool hasCheckpoints)
    {
        int checkpoints = 0;
        for (int seed = Seed; seed < Seed + TestTier.Times(150, 3000); seed++)
        {
            var made = new RandomLog(seed, hasCheckpoints);
            checkpoints += made.Checkpoints;
            string? difference = Comparison.FindDifference(new LogQueries(made.ToLog()), made.Streams, new Random(seed), 4000);
            Assert.True(difference is null, $"seed {seed}: {difference}");
        }
        Assert.Equal(hasCheckpoints, checkpoints > 0);
    }

    [Theory]
    [MemberData(nameof(Runs.AllWays), MemberType = typeof(Runs))]
    public void Pairs_of_recorded_logs(ClockKind clock, SchedulerKind scheduler) => Runs.Random.Sample(
        one =>
        {
            ScriptedRun run = Runs.For(one, clock, scheduler);
            var log = new MemoryEventLog(run.Program.Shape.AgentCount);
            run.Record(log);
            Assert.Null(Comparison.FindDifference(new LogQueries(log), DecodedLog.Read(log), new Random(Seed), 200));
        }, iter: TestTier.Times(3, 60), threads: 1);

    /// <summary>A constraint that is ignored, or names the event before, is noticed wherever it matters.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_constraint_that_is_ignored_or_off_by_one_is_found(bool isIgnored)
    {
        int planted = 0, found = 0;
        for (int seed = Seed; seed < Seed + 60; seed++)
        {
            var made = new RandomLog(seed, hasCheckpoints: false);
            DecodedEvent[][] truth = made.Streams;
            DecodedEvent[][] bent = made.Streams;
            int agent = Array.FindIndex(bent, stream => Array.Exists(stream, Bends));
            if (agent < 0)
                continue;
            planted++;
            int index = Array.FindIndex(bent[agent], Bends);
            OrderingConstraint[] constraints = bent[agent][index].Constraints;
            bent[agent][index] = bent[agent][index] with
            {
                Constraints = isIgnored ? constraints[1..] : [constraints[0] with { EventNumber = constraints[0].EventNumber - 1 }, .. constraints[1..]],
            };
            // What others imply makes no difference.
            bool isNeeded = !new Closure(bent).PastOf(new EventReference(agent, (ulong)index + 1))
                .SequenceEqual(new Closure(truth).PastOf(new EventReference(agent, (ulong)index + 1)));
            bool isFound = Comparison.FindDifference(new LogQueries(made.Write(bent)), truth, new Random(seed), 4000) is not null;
            Assert.True(isFound || !isNeeded, $"seed {seed}");
            found += isFound ? 1 : 0;

            // Its agent's first constraints: of one source, the numbers may not go back.
            bool Bends(DecodedEvent one) => one.Constraints.Length > 0 && (isIgnored || one.Constraints[0].EventNumber > 1);
        }
        Assert.True(planted > 20 && found > 10, $"{found} of {planted}");
    }

    [Fact]
    public void What_is_not_there_is_refused()
    {
        var made = new RandomLog(Seed, hasCheckpoints: true);
        var queries = new LogQueries(made.ToLog());
        ulong[] there = [.. made.Streams.Select(stream => (ulong)stream.Length)];
        var last = new EventReference(0, there[0]);
        Assert.Throws<ArgumentNullException>(() => new LogQueries(null!));
        Assert.Throws<LogDamagedException>(() => new LogQueries(new MemoryEventLog(2)));
        foreach (EventReference none in (EventReference[])[new(0, there[0] + 1), new(1, there[1] + 1), new(0, 0), new(-1, 1), new(RandomLog.Agents, 1)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => queries.HappensBefore(none, last));
            Assert.Throws<ArgumentOutOfRangeException>(() => queries.FindOrder(last, none));
            Assert.Throws<ArgumentOutOfRangeException>(() => queries.EventsBefore(none));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => queries.ReadFrom(new EventReference(0, 0)));
        Assert.False(queries.ReadFrom(new EventReference(0, there[0] + 1)).MoveToNext());
        EventCursor cursor = queries.ReadFrom(last);
        Assert.True(cursor.MoveToNext());
        Assert.Equal(there[0] - 1, cursor.Consumed);
        Assert.Throws<OperationCanceledException>(() => queries.EventsBefore(last, new CancellationToken(true)));
    }

    [Fact]
    public void Of_a_log_that_was_cut_short_the_closed_part_is_asked()
    {
        var streams = new RandomLog(Seed + 1, hasCheckpoints: false);
        DecodedEvent[][] cut = streams.Streams;
        // Whoever names the last event of agent 0 goes with it.
        cut[0] = cut[0][..^1];
        MemoryEventLog log = DecodedLog.Write(cut, streams.ToLog(), isComplete: false);
        var queries = new LogQueries(log);
        DecodedEvent[][] left = DecodedLog.Read(ClosedLog.Of(log));
        Assert.Null(Comparison.FindDifference(queries, left, new Random(Seed), 4000));
        Assert.Throws<ArgumentOutOfRangeException>(() => queries.EventsBefore(new EventReference(0, (ulong)cut[0].Length + 1)));
        Assert.True(left.Sum(stream => stream.Length) > 0);
    }
}
