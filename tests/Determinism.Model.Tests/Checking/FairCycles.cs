namespace Determinism.Model.Tests.Checking;

/// <summary>
/// Searches for a run that is strongly fair to every agent (an agent that can step again and again does step
/// again and again) and on which one agent's obligation is never met.
/// </summary>
internal sealed class FairCycles<TState>
    where TState : unmanaged
{
    private readonly StateGraph<TState> _graph;
    private readonly ITransitionSystem<TState> _system;
    private readonly int _agent;

    public FairCycles(StateGraph<TState> graph, ITransitionSystem<TState> system, int agent)
    {
        _graph = graph;
        _system = system;
        _agent = agent;
    }

    /// <summary>The states of one fair component, or null.</summary>
    public IReadOnlyList<int>? Find()
    {
        // Component number of each state still looked at; 0 = out of the search.
        var region = new int[_graph.StateCount];
        var all = new List<int>();
        for (int s = 0; s < region.Length; s++)
        {
            if ((_graph.Pending(s) & (1 << _agent)) == 0)
                continue;
            region[s] = 1;
            all.Add(s);
        }

        var work = new Stack<List<int>>([all]);
        int regions = 1;
        var components = new Components<TState>(_graph, Excluded, region);
        while (work.TryPop(out List<int>? states))
        {
            foreach (List<int> component in components.Find(states))
            {
                regions++;
                foreach (int s in component)
                    region[s] = regions;
                int starved = StarvedAgents(component, region);
                if (starved == 0)
                    return component;
                List<int> rest = component.FindAll(s => (Enabled(s) & starved) == 0);
                foreach (int s in component.FindAll(s => (Enabled(s) & starved) != 0))
                    region[s] = 0;
                if (rest.Count > 0)
                    work.Push(rest);
            }
        }

        return null;
    }

    private bool Excluded(Label label) => label.Agent == _agent && _system.Discharges(label);

    private int Enabled(int state)
    {
        int agents = 0;
        for (int e = _graph.FirstEdge(state); e < _graph.FirstEdge(state + 1); e++)
            agents |= 1 << _graph.Label(e).Agent;
        return agents;
    }

    /// <summary>The agents that could step in the component but never do so within it.</summary>
    private int StarvedAgents(List<int> component, int[] region)
    {
        int enabled = 0;
        int stepping = 0;
        foreach (int s in component)
        {
            for (int e = _graph.FirstEdge(s); e < _graph.FirstEdge(s + 1); e++)
            {
                int bit = 1 << _graph.Label(e).Agent;
                enabled |= bit;
                if (!Excluded(_graph.Label(e)) && region[_graph.Target(e)] == region[s])
                    stepping |= bit;
            }
        }

        return enabled & ~stepping;
    }
}
