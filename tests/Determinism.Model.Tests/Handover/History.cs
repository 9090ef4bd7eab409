using System.Collections;

namespace Determinism.Model.Tests.Handover;

/// <summary>
/// One run as a whole log, with numbered events and explicit constraints, checked by brute force: an opinion on
/// the laws that is independent of the ghost in the model.
/// </summary>
internal sealed class History
{
    private readonly List<JournalEntry> _nodes = [];
    private readonly List<List<int>> _events;
    private readonly List<int> _lastOfAgent;
    private readonly List<(int From, int To)> _programOrder = [];
    private readonly List<(int Agent, int Number, int To)> _constraints = [];
    private readonly int _numberError;

    /// <param name="agents">How many agents.</param>
    /// <param name="numberError">Added to each constraint's event number: a planted bug.</param>
    public History(int agents, int numberError = 0)
    {
        _numberError = numberError;
        _events = [.. Enumerable.Range(0, agents).Select(_ => new List<int>())];
        _lastOfAgent = [.. Enumerable.Repeat(-1, agents)];
    }

    public int AccessCount => _nodes.Count(n => n.Kind == JournalKind.Access);

    public int ConstraintCount => _constraints.Count;

    public void Add(JournalEntry entry)
    {
        int node = _nodes.Count;
        _nodes.Add(entry);
        if (_lastOfAgent[entry.Agent] >= 0)
            _programOrder.Add((_lastOfAgent[entry.Agent], node));
        _lastOfAgent[entry.Agent] = node;
        if (entry.Kind != JournalKind.Event)
            return;
        for (int source = 0; source < _events.Count; source++)
        {
            if ((entry.Operand & (1 << source)) != 0)
                _constraints.Add((source, _events[source].Count + _numberError, node));
        }

        _events[entry.Agent].Add(node);
    }

    /// <summary>L6: no cycle.</summary>
    public bool IsAcyclic() => Schedule(new Random(1)) is not null;

    /// <summary>L2: all conflicting pairs are connected in the order in which they happened.</summary>
    public bool IsOrdered()
    {
        BitArray[] reach = Reach(Edges());
        for (int later = 0; later < _nodes.Count; later++)
        {
            for (int earlier = 0; earlier < later; earlier++)
            {
                if (Conflict(_nodes[earlier], _nodes[later]) && !reach[earlier][later])
                    return false;
            }
        }

        return true;
    }

    /// <summary>L4: each constraint, taken away alone, takes an order away.</summary>
    public bool IsEconomical()
    {
        List<(int From, int To)> edges = Edges();
        for (int i = _programOrder.Count; i < edges.Count; i++)
        {
            (int from, int to) = edges[i];
            edges.RemoveAt(i);
            if (Reach(edges)[from][to])
                return false;
            edges.Insert(i, (from, to));
        }

        return true;
    }

    /// <summary>L3: in a random schedule that keeps the constraints each access meets the same last writer.</summary>
    public bool ReplaysAlike(Random random)
    {
        List<int>? schedule = Schedule(random);
        return schedule is not null && Writers(schedule).SequenceEqual(Writers([.. Enumerable.Range(0, _nodes.Count)]));
    }

    private static bool Conflict(JournalEntry a, JournalEntry b) =>
        a.Kind == JournalKind.Access && b.Kind == JournalKind.Access && a.Agent != b.Agent && a.Operand == b.Operand
        && (a.Right == Right.ReadWrite || b.Right == Right.ReadWrite);

    private List<(int From, int To)> Edges()
    {
        List<(int From, int To)> edges = [.. _programOrder];
        foreach ((int agent, int number, int to) in _constraints)
        {
            if (number >= 1 && number <= _events[agent].Count)
                edges.Add((_events[agent][number - 1], to));
        }

        return edges;
    }

    private List<int>? Schedule(Random random)
    {
        var blockers = new int[_nodes.Count];
        ILookup<int, int> next = Edges().ToLookup(e => e.From, e => e.To);
        foreach ((_, int to) in Edges())
            blockers[to]++;
        List<int> ready = [.. Enumerable.Range(0, _nodes.Count).Where(n => blockers[n] == 0)];
        var schedule = new List<int>();
        while (ready.Count > 0)
        {
            int pick = random.Next(ready.Count);
            int node = ready[pick];
            ready.RemoveAt(pick);
            schedule.Add(node);
            ready.AddRange(next[node].Where(to => --blockers[to] == 0));
        }

        return schedule.Count == _nodes.Count ? schedule : null;
    }

    private int[] Writers(List<int> schedule)
    {
        var seen = new int[_nodes.Count];
        var last = new int[HandoverModel.FrameCount];
        foreach (int node in schedule)
        {
            JournalEntry entry = _nodes[node];
            if (entry.Kind != JournalKind.Access)
                continue;
            seen[node] = last[entry.Operand];
            if (entry.Right == Right.ReadWrite)
                last[entry.Operand] = node + 1;
        }

        return seen;
    }

    /// <summary>What can be reached from each node. Edges lead forward in time when the log is sound.</summary>
    private BitArray[] Reach(List<(int From, int To)> edges)
    {
        ILookup<int, int> next = edges.ToLookup(e => e.From, e => e.To);
        var reach = new BitArray[_nodes.Count];
        for (int node = _nodes.Count - 1; node >= 0; node--)
        {
            reach[node] = new BitArray(_nodes.Count);
            reach[node][node] = true;
            foreach (int to in next[node].Where(to => to > node))
                reach[node].Or(reach[to]);
        }

        return reach;
    }
}
