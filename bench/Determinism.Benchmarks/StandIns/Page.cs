namespace Determinism.Benchmarks.StandIns;

/// <summary>One page's owner or readers. Whoever calls holds the page's lock.</summary>
internal sealed class Page
{
    private const int Nobody = -1;

    private readonly HashSet<int> _readers = [];
    private int _owner = Nobody;
    private int _lastWriter = Nobody;

    public bool IsHeld(int agent, AccessRight right) =>
        _owner == agent || (right == AccessRight.Read && _readers.Contains(agent));

    /// <summary>Takes from others what stands in the way and notes which of their events come before.</summary>
    public void Grant(int agent, AccessRight right, Agents agents)
    {
        List<OrderingConstraint> sources = agents.Sources(agent);
        sources.Clear();
        if (_owner != Nobody)
        {
            agents.Complete(_owner);
            sources.Add(agents.Latest(_owner));
        }
        else if (_lastWriter != Nobody && _lastWriter != agent && !_readers.Contains(_lastWriter))
        {
            sources.Add(agents.Latest(_lastWriter));
        }
        if (right == AccessRight.Read)
            Share(agent);
        else
            MakeExclusive(agent, agents, sources);
        agents.Complete(agent);
    }

    private void Share(int agent)
    {
        if (_owner != Nobody)
            _readers.Add(_owner);
        _owner = Nobody;
        _readers.Add(agent);
    }

    private void MakeExclusive(int agent, Agents agents, List<OrderingConstraint> sources)
    {
        foreach (int reader in _readers)
        {
            if (reader == agent)
                continue;
            agents.Complete(reader);
            sources.Add(agents.Latest(reader));
        }
        _readers.Clear();
        _owner = _lastWriter = agent;
    }
}
