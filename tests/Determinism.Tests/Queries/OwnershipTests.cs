using Determinism.Queries;

namespace Determinism.Tests.Queries;

/// <summary>Who could use a frame, against what all events from the start on say.</summary>
public class OwnershipTests
{
    private const int Seed = 20261129;

    private static readonly ulong[] s_frames = [0, 1, RandomLog.Shared, RandomLog.Private, RandomLog.Untouched, RandomLog.Baton];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rights_at_random_instants_are_those_of_all_events_before(bool hasCheckpoints)
    {
        for (int seed = Seed; seed < Seed + TestTier.Times(200, 4000); seed++)
        {
            var made = new RandomLog(seed, hasCheckpoints);
            string? difference = FindDifference(made, new LogQueries(made.ToLog()), static instant => instant);
            Assert.True(difference is null, $"seed {seed}: {difference}");
        }
    }

    [Fact]
    public void An_event_too_many_is_found()
    {
        int found = 0;
        for (int seed = Seed; seed < Seed + 200; seed++)
        {
            var made = new RandomLog(seed, hasCheckpoints: true);
            found += FindDifference(made, new LogQueries(made.ToLog()), instant => OneMore(made, instant)) is null ? 0 : 1;
        }
        Assert.InRange(found, 100, 200);
    }

    [Fact]
    public void The_history_comes_to_the_rights_at_each_instant_on_its_way()
    {
        for (int seed = Seed; seed < Seed + TestTier.Times(100, 2000); seed++)
        {
            var made = new RandomLog(seed, hasCheckpoints: true);
            var queries = new LogQueries(made.ToLog());
            ulong[] end = [.. made.Streams.Select(static stream => (ulong)stream.Length)];
            ulong[] instant = made.DrawInstant();
            foreach (ulong frame in s_frames)
            {
                OwnershipChange[] all = [.. queries.OwnershipHistory(frame)];
                Assert.Equal(all, queries.OwnershipHistory(frame));
                CheckFold(made, frame, all, end);
                OwnershipChange[] past = [.. all.Where(one => one.Event.Number <= instant[one.Event.Agent])];
                CheckFold(made, frame, past, instant);
                // The last ones are the same, as far as the constraints demand an order.
                IReadOnlyList<OwnershipChange> last = queries.LastOwnershipChanges(frame, instant, int.MaxValue);
                CheckFold(made, frame, last, instant);
                Assert.Equal(past.OrderBy(ByEvent), last.OrderBy(ByEvent));
                Assert.Equal(last.TakeLast(3), queries.LastOwnershipChanges(frame, instant, 3));
                Assert.Empty(queries.LastOwnershipChanges(frame, instant, 0));
            }
        }

        static (int, ulong) ByEvent(OwnershipChange one) => (one.Event.Agent, one.Event.Number);
    }

    [Fact]
    public void What_is_not_there_is_refused()
    {
        var made = new RandomLog(Seed, hasCheckpoints: true);
        var queries = new LogQueries(made.ToLog());
        ulong[] end = [.. made.Streams.Select(static stream => (ulong)stream.Length)];
        Assert.Throws<ArgumentOutOfRangeException>(() => queries.OwnershipHistory(RandomLog.Baton + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => queries.RightsAt(RandomLog.Baton + 1, end));
        Assert.Throws<ArgumentOutOfRangeException>(() => queries.LastOwnershipChanges(0, end, -1));
        Assert.Throws<ArgumentException>(() => queries.RightsAt(0, end[1..]));
        Assert.Throws<ArgumentException>(() => queries.RightsAt(0, [end[0] + 1, .. end[1..]]));
        Assert.Throws<ArgumentNullException>(() => queries.RightsAt(0, (Determinism.Checkpoints.Cut)null!));
        Assert.ThrowsAny<OperationCanceledException>(() => queries.OwnershipHistory(0, new CancellationToken(true)).Count());
    }

    private static string? FindDifference(RandomLog made, LogQueries queries, Func<ulong[], ulong[]> bend)
    {
        for (int draw = 0; draw < 4; draw++)
        {
            ulong[] instant = made.DrawInstant();
            foreach (ulong frame in s_frames)
            {
                IReadOnlyList<AccessRight> answer = queries.RightsAt(frame, bend(instant));
                AccessRight[] expected = [.. instant.Select((events, agent) => made.RightOf(agent, frame, events))];
                if (!answer.SequenceEqual(expected))
                    return $"frame {frame} at {string.Join(" ", instant)}: {string.Join(" ", answer)} instead of {string.Join(" ", expected)}";
            }
        }
        return null;
    }

    private static ulong[] OneMore(RandomLog made, ulong[] instant) =>
        [.. instant.Select((events, agent) => Math.Min(events + 1, (ulong)made.Streams[agent].Length))];

    private static void CheckFold(RandomLog made, ulong frame, IEnumerable<OwnershipChange> changes, ulong[] instant)
    {
        AccessRight[] rights = [.. instant.Select((_, agent) => made.RightOf(agent, frame, 0))];
        foreach (OwnershipChange one in changes)
        {
            Assert.Equal(rights[one.Event.Agent], one.OldRight);
            Assert.NotEqual(one.OldRight, one.NewRight);
            Assert.Equal(made.RightOf(one.Event.Agent, frame, one.Event.Number), one.NewRight);
            var there = made.Streams[one.Event.Agent][(int)one.Event.Number - 1].Event;
            Assert.Equal((there.Place, there.Position, there.Frame != frame), (one.Place, one.Position, one.IsWholeMachine));
            rights[one.Event.Agent] = one.NewRight;
        }
        Assert.Equal(instant.Select((events, agent) => made.RightOf(agent, frame, events)), rights);
    }
}
