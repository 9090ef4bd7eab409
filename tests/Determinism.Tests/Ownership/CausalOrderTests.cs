using Determinism.Ownership;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Ownership;

/// <summary>Constraints and clocks beside those of one who joins every source's clock each time.</summary>
public class CausalOrderTests
{
    [Theory]
    [InlineData(2, 400, true)]
    [InlineData(3, 400, true)]
    [InlineData(5, 400, true)]
    [InlineData(9, 200, true)]
    [InlineData(40, 20, true)]
    [InlineData(4, 100, false)]
    public void Nothing_is_missed_of_what_sources_know(int agents, int runs, bool reduce)
    {
        for (int run = 0; run < runs; run++)
            Run(agents, reduce, new SplitMix((ulong)((agents * 1_000) + run)));
    }

    private static void Run(int agents, bool reduce, SplitMix random)
    {
        const int Steps = 200;
        var order = new CausalOrder(agents, reduce);
        var naive = new NaiveOrder(agents, reduce);
        var written = new OrderingConstraint[agents];
        for (int step = 0; step < Steps; step++)
        {
            int agent = random.Below(agents);
            // Few sources, many or none; and events of one's own between.
            int chance = random.Below(4);
            int[] sources = [.. Enumerable.Range(0, agents).Where(other => other != agent && random.Below(4) < chance)];
            if (sources.Length > 0)
            {
                int count = order.Constrain(agent, sources, written);
                Assert.Equal(naive.Constrain(agent, sources), written[..count]);
            }
            order.Complete(agent);
            naive.Complete(agent);
            for (int other = 0; other < agents; other++)
                Assert.Equal(naive.ClockOf(other), order.ClockOf(other));
        }
    }

    private sealed class NaiveOrder(int agents, bool reduce)
    {
        private readonly ulong[][] _clocks = [.. Enumerable.Range(0, agents).Select(_ => new ulong[agents])];
        private readonly ulong[] _completed = new ulong[agents];

        public void Complete(int agent) => _completed[agent]++;

        /// <summary>The agent's own component is what others knew of it when they were its sources.</summary>
        public ulong[] ClockOf(int agent) => _clocks[agent];

        public OrderingConstraint[] Constrain(int agent, int[] sources)
        {
            OrderingConstraint[] offered = [.. sources.Where(source => _completed[source] > 0)
                .Select(source => new OrderingConstraint(source, _completed[source]))];
            OrderingConstraint[] needed = [.. offered.Where(one => !reduce || (_clocks[agent][one.Agent] < one.EventNumber
                && !Array.Exists(offered, by => by.Agent != one.Agent && _clocks[by.Agent][one.Agent] >= one.EventNumber)))];
            ulong[] joined = [.. _clocks[agent]];
            foreach (OrderingConstraint one in offered)
            {
                for (int other = 0; other < agents; other++)
                {
                    ulong known = other == one.Agent ? one.EventNumber : _clocks[one.Agent][other];
                    joined[other] = Math.Max(joined[other], known);
                }
            }
            _clocks[agent] = joined;
            return needed;
        }
    }
}
