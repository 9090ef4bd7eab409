namespace Determinism.Model.Tests.Checking;

/// <summary>Strongly connected components with at least one inner transition (Tarjan 1972, without recursion).</summary>
internal sealed class Components<TState>
    where TState : unmanaged
{
    private readonly StateGraph<TState> _graph;
    private readonly Func<Label, bool> _excluded;
    private readonly int[] _region;
    private readonly int[] _index;
    private readonly int[] _low;
    private readonly bool[] _onStack;
    private readonly Stack<int> _stack = new();
    private readonly Stack<(int State, int Edge)> _calls = new();
    private int _visited;

    /// <param name="graph">The graph.</param>
    /// <param name="excluded">Transitions to leave out.</param>
    /// <param name="region">Only transitions between states of equal region count.</param>
    public Components(StateGraph<TState> graph, Func<Label, bool> excluded, int[] region)
    {
        _graph = graph;
        _excluded = excluded;
        _region = region;
        _index = new int[graph.StateCount];
        _low = new int[graph.StateCount];
        _onStack = new bool[graph.StateCount];
    }

    /// <summary>Decomposes the states given, all of one region.</summary>
    public List<List<int>> Find(List<int> states)
    {
        var found = new List<List<int>>();
        foreach (int state in states)
            _index[state] = 0;
        foreach (int root in states)
        {
            if (_index[root] != 0)
                continue;
            Enter(root);
            while (_calls.TryPop(out (int State, int Edge) call))
                Continue(call.State, call.Edge, found);
        }

        return found;
    }

    private void Enter(int state)
    {
        _index[state] = _low[state] = ++_visited;
        _stack.Push(state);
        _onStack[state] = true;
        _calls.Push((state, _graph.FirstEdge(state)));
    }

    private void Continue(int state, int edge, List<List<int>> found)
    {
        for (; edge < _graph.FirstEdge(state + 1); edge++)
        {
            int target = _graph.Target(edge);
            if (_region[target] != _region[state] || _excluded(_graph.Label(edge)))
                continue;
            if (_index[target] == 0)
            {
                // The edge is looked at again after the call, to take over the target's low link.
                _calls.Push((state, edge));
                Enter(target);
                return;
            }

            if (_onStack[target])
                _low[state] = Math.Min(_low[state], _low[target]);
        }

        if (_low[state] != _index[state])
            return;
        var component = new List<int>();
        int member;
        do
        {
            member = _stack.Pop();
            _onStack[member] = false;
            component.Add(member);
        }
        while (member != state);
        if (component.Count > 1 || LoopsOn(state))
            found.Add(component);
    }

    private bool LoopsOn(int state)
    {
        for (int e = _graph.FirstEdge(state); e < _graph.FirstEdge(state + 1); e++)
        {
            if (_graph.Target(e) == state && !_excluded(_graph.Label(e)))
                return true;
        }

        return false;
    }
}
