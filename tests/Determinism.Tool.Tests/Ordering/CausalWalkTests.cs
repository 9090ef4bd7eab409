using Determinism.Log;
using Determinism.Queries;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Ordering;

public sealed class CausalWalkTests
{
    [Theory]
    [InlineData(1 << 16)]
    [InlineData(4)] // Nearly every cause is forgotten: the order holds all the same.
    public void Every_event_comes_once_after_its_causes_and_at_a_later_time(int window)
    {
        foreach (MemoryEventLog log in new[] { SampleLogs.Racy, SampleLogs.Devices, SampleLogs.FalseShare })
        {
            var walk = new CausalWalk(log, window);
            List<long>[] times = [.. Enumerable.Range(0, log.StreamCount).Select(_ => new List<long>())];
            while (walk.MoveToNext())
            {
                List<long> own = times[walk.Current.Stream];
                Assert.Equal((ulong)own.Count, walk.Current.Consumed);
                Assert.True(own.Count == 0 || own[^1] < walk.Time);
                foreach (OrderingConstraint constraint in walk.Current.Constraints)
                    Assert.True(times[constraint.Agent][(int)constraint.EventNumber - 1] < walk.Time);
                own.Add(walk.Time);
            }
            walk.ThrowIfStuck();
            Assert.Equal(new EditedLog(log).Streams.Select(stream => stream.Count), times.Select(each => each.Count));
        }
    }

    [Fact]
    public void Time_passes_with_the_clock_s_counts_and_waits_for_causes()
    {
        var log = new EditedLog(2);
        log.Add(0, At(10));
        log.Add(0, At(25));
        log.Add(1, At(100));
        log.Add(1, At(103), new OrderingConstraint(0, 2));
        log.Add(0, At(30), new OrderingConstraint(1, 2));
        log.Add(0, At(31));
        var walk = new CausalWalk(log.ToLog());
        var order = new List<(int, long)>();
        while (walk.MoveToNext())
            order.Add((walk.Current.Stream, walk.Time));
        Assert.Equal([(0, 10), (0, 25), (1, 100), (1, 103), (0, 104), (0, 105)], order);
    }

    [Fact]
    public void A_cycle_and_a_missing_cause_are_named()
    {
        var cycle = new EditedLog(2);
        cycle.Add(0, At(1), new OrderingConstraint(1, 1));
        cycle.Add(1, At(1), new OrderingConstraint(0, 1));
        var missing = new EditedLog(2);
        missing.Add(0, At(1));
        missing.Add(0, At(2), new OrderingConstraint(1, 7));
        foreach ((EditedLog log, int passed, string named) in new[] { (cycle, 0, "event 1 of agent 1"), (missing, 1, "event 7 of agent 1") })
        {
            var walk = new CausalWalk(log.ToLog());
            for (int count = 0; count < passed; count++)
                Assert.True(walk.MoveToNext());
            Assert.False(walk.MoveToNext());
            Assert.Contains(named, Assert.Throws<LogDamagedException>(walk.ThrowIfStuck).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_history_forgets_no_more_than_it_must()
    {
        var history = new TimeHistory(2048);
        for (int number = 1; number <= 5000; number++)
            history.Add(number * 3);
        Assert.Equal(15000, history.Last);
        Assert.Equal(5000UL - 2048 + 1, history.FirstKept);
        Assert.Equal(4999 * 3, history[4999]);
        Assert.Equal((long)history.FirstKept * 3, history[history.FirstKept]);
        Assert.Equal((long)history.FirstKept * 3, history[1]);
    }

    private static StreamEvent At(ulong count) =>
        new() { Kind = EventKind.Elevation, Place = PlaceKind.Count, Position = count, NewRight = AccessRight.Read };
}
