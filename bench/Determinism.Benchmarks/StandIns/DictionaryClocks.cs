namespace Determinism.Benchmarks.StandIns;

/// <summary>Vector clocks as dictionaries under a lock, and the same transitive reduction.</summary>
internal sealed class DictionaryClocks(int agents)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, ulong>[] _clocks =
        [.. Enumerable.Range(0, agents).Select(_ => new Dictionary<int, ulong>())];

    /// <summary>Counts one more event of the agent: its own component.</summary>
    public void Complete(int agent)
    {
        lock (_gate)
            _clocks[agent][agent] = _clocks[agent].GetValueOrDefault(agent) + 1;
    }

    public int Constrain(int agent, ReadOnlySpan<int> sources, Span<OrderingConstraint> constraints)
    {
        lock (_gate)
        {
            int written = 0;
            foreach (int source in sources)
            {
                ulong number = _clocks[source].GetValueOrDefault(source);
                if (!IsImplied(agent, source, number, sources))
                    constraints[written++] = new OrderingConstraint(source, number);
            }
            foreach (int source in sources)
            {
                foreach ((int other, ulong number) in _clocks[source])
                    _clocks[agent][other] = Math.Max(number, _clocks[agent].GetValueOrDefault(other));
            }
            return written;
        }
    }

    private bool IsImplied(int agent, int source, ulong number, ReadOnlySpan<int> sources)
    {
        if (_clocks[agent].GetValueOrDefault(source) >= number)
            return true;
        foreach (int other in sources)
        {
            if (other != source && _clocks[other].GetValueOrDefault(source) >= number)
                return true;
        }
        return false;
    }
}
