namespace Determinism.Benchmarks.StandIns;

/// <summary>Event numbers of all agents, and room for the constraints of each one's latest grant.</summary>
internal sealed class Agents(int count)
{
    private readonly long[] _completed = new long[count];
    private readonly List<OrderingConstraint>[] _sources =
        [.. Enumerable.Range(0, count).Select(_ => new List<OrderingConstraint>(count))];

    public List<OrderingConstraint> Sources(int agent) => _sources[agent];

    // Two winners may take different pages from one loser at once.
    public void Complete(int agent) => Interlocked.Increment(ref _completed[agent]);

    public OrderingConstraint Latest(int agent) => new(agent, (ulong)Volatile.Read(ref _completed[agent]));
}
