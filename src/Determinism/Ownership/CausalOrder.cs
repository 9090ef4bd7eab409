using System.Numerics;
using System.Runtime.InteropServices;

namespace Determinism.Ownership;

/// <summary>Event numbers and vector clocks of all agents; turns the sources of a grant into the constraints worth
/// writing (laws L2 and L4).</summary>
/// <remarks>
/// An agent's own number is advanced by whoever acts as that agent, and published with release semantics. All other
/// components of its clock change only in <see cref="Constrain"/>, whose callers hold the tracker's gate. So a number
/// read under the gate and the clock read under the same gate belong to the same event.
/// The reduction is Netzer's (1993), online: an edge is dropped if the clock already implies it.
/// </remarks>
public sealed class CausalOrder
{
    private readonly Counter[] _completed;
    private readonly ulong[][] _clocks;

    // The number of the event with which an agent's clock last changed, its own component aside.
    private readonly ulong[] _changed;
    private readonly bool _reduce;

    /// <summary>Creates it with no event completed.</summary>
    /// <param name="agentCount">Number of agents.</param>
    /// <param name="reduce">Whether implied constraints are dropped; off for comparison.</param>
    public CausalOrder(int agentCount, bool reduce = true)
    {
        Guard.InRange(agentCount is > 0 and <= 254, agentCount, nameof(agentCount), "Between 1 and 254 agents.");
        _completed = new Counter[agentCount];
        _clocks = new ulong[agentCount][];
        _changed = new ulong[agentCount];
        for (int agent = 0; agent < agentCount; agent++)
            _clocks[agent] = new ulong[agentCount];
        _reduce = reduce;
    }

    /// <summary>Sources offered so far: what would be written without reduction.</summary>
    public long SourcesOffered { get; private set; }

    /// <summary>Constraints written so far.</summary>
    public long ConstraintsWritten { get; private set; }

    internal Plant Plant { get; set; }

    /// <summary>Counts one more completed event of an agent.</summary>
    /// <param name="agent">The agent that the caller acts as.</param>
    /// <returns>The event's number; the first is 1.</returns>
    public ulong Complete(int agent)
    {
        long number = _completed[agent].Value + 1;
        Volatile.Write(ref _completed[agent].Value, number);
        return (ulong)number;
    }

    /// <summary>Number of the agent's latest completed event; 0 before the first. Any thread.</summary>
    /// <param name="agent">The agent.</param>
    public ulong Completed(int agent) => (ulong)Volatile.Read(ref _completed[agent].Value);

    /// <summary>A copy of an agent's vector clock. While nobody runs.</summary>
    internal ulong[] ClockOf(int agent) => (ulong[])_clocks[agent].Clone();

    /// <summary>Orders the agent's next event after the latest completed events of its sources. Under the gate.</summary>
    /// <param name="agent">The agent whose next event is the target.</param>
    /// <param name="sources">Other agents, none twice.</param>
    /// <param name="destination">Room for one constraint a source.</param>
    /// <returns>The number of constraints to write.</returns>
    internal int Constrain(int agent, ReadOnlySpan<int> sources, Span<OrderingConstraint> destination)
    {
        ulong[] mine = _clocks[agent];
        Span<OrderingConstraint> offered = stackalloc OrderingConstraint[sources.Length];
        int count = 0;
        foreach (int source in sources)
        {
            ulong number = Completed(source);
            if (Plant == Plant.ConstraintToEarlierEvent && number > 1)
                number--;
            if (number > 0)
                offered[count++] = new OrderingConstraint(source, number);
        }
        offered = offered[..count];
        SourcesOffered += count;

        // First what the sources know of each other, then what they are: a source that is known by now is implied. Whoever
        // knows an event of a source knows its clock at that event, and since then it may not have changed.
        foreach (OrderingConstraint one in offered)
        {
            if (mine[one.Agent] < _changed[one.Agent])
                JoinOthers(mine, one.Agent);
        }
        int written = 0;
        foreach (OrderingConstraint one in offered)
        {
            if (!_reduce || !IsImplied(one, mine))
                destination[written++] = one;
            ulong number = Plant == Plant.JoinNewerClock ? one.EventNumber + 3 : one.EventNumber;
            mine[one.Agent] = Math.Max(mine[one.Agent], number);
        }
        // Where nothing is worth writing, all of it was known before.
        if (written > 0)
            _changed[agent] = Completed(agent) + 1;
        if (Plant == Plant.LoseConstraint)
            written = 0;
        ConstraintsWritten += written;
        return written;
    }

    private bool IsImplied(OrderingConstraint one, ulong[] mine) =>
        mine[one.Agent] + (Plant == Plant.ReduceNeededConstraint ? 2UL : 0) >= one.EventNumber;

    /// <summary>Joins all but the source's own component, which says nothing of whether others imply it.</summary>
    private void JoinOthers(ulong[] mine, int source)
    {
        ulong[] theirs = _clocks[source];
        ulong own = mine[source];
        int agent = 0;
        for (; agent <= mine.Length - Vector<ulong>.Count; agent += Vector<ulong>.Count)
            Vector.Max(new Vector<ulong>(mine, agent), new Vector<ulong>(theirs, agent)).CopyTo(mine, agent);
        for (; agent < mine.Length; agent++)
            mine[agent] = Math.Max(mine[agent], theirs[agent]);
        mine[source] = own;
    }

    // Each agent writes its own at every event: a cache line apart.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Counter
    {
        [FieldOffset(64)]
        public long Value;
    }
}
