using System.Text;

namespace Determinism.Model.Tests.Checking;

/// <summary>All reachable states and transitions of a system, found breadth first, so that traces are shortest.</summary>
internal sealed class StateGraph<TState>
    where TState : unmanaged
{
    private readonly ITransitionSystem<TState> _system;
    private readonly StateSet<TState> _states = new();
    private readonly List<int> _parents = [-1];
    private readonly List<ushort> _parentLabels = [0];
    private readonly List<int> _firstEdge = [0];
    private readonly List<int> _targets = [];
    private readonly List<ushort> _labels = [];

    private StateGraph(ITransitionSystem<TState> system) => _system = system;

    public int StateCount => _states.Count;

    public int TransitionCount => _targets.Count;

    /// <summary>The first violation met, with the steps that lead to it; null when there is none.</summary>
    public Violation? Violation { get; private set; }

    public IReadOnlyList<string> Trace { get; private set; } = [];

    /// <summary>Explores until the first violation, or everything.</summary>
    public static StateGraph<TState> Explore(ITransitionSystem<TState> system, int limit)
    {
        var graph = new StateGraph<TState>(system);
        graph.Run(limit);
        return graph;
    }

    public byte Pending(int state) => _system.Pending(in _states[state]);

    public int FirstEdge(int state) => _firstEdge[state];

    public int Target(int edge) => _targets[edge];

    public Label Label(int edge) => new(_labels[edge]);

    /// <summary>The steps from the start to a state.</summary>
    public List<string> PathTo(int state)
    {
        var steps = new List<string>();
        for (int s = state; _parents[s] >= 0; s = _parents[s])
            steps.Add(_system.Describe(new Label(_parentLabels[s])));
        steps.Reverse();
        steps.Add("=> " + _system.Describe(in _states[state]));
        return steps;
    }

    /// <summary>Looks for a fair run on which some agent's obligation stays open for ever.</summary>
    public void CheckProgress()
    {
        if (Violation is not null)
            return;
        for (int agent = 0; agent < _system.AgentCount; agent++)
        {
            if (new FairCycles<TState>(this, _system, agent).Find() is not { } cycle)
                continue;
            Violation = new Violation(ViolationKind.Starvation, $"{(char)('A' + agent)} can wait for ever on a fair run");
            Trace = [.. PathTo(cycle[0]), "then for ever, among others:", .. Loop(cycle)];
            return;
        }
    }

    public string Report()
    {
        var text = new StringBuilder();
        text.AppendLine($"{StateCount} states, {TransitionCount} transitions");
        if (Violation is not null)
        {
            text.AppendLine($"{Violation.Kind}: {Violation.Message}");
            foreach (string step in Trace)
                text.Append("  ").AppendLine(step);
        }

        return text.ToString();
    }

    private void Run(int limit)
    {
        var successors = new Successors<TState>();
        TState initial = _system.Initial;
        _states.Add(in initial, out _);
        for (int current = 0; current < _states.Count; current++)
        {
            successors.Clear();
            _system.AddSuccessors(in _states[current], successors);
            if (successors.Count == 0 && !_system.IsFinal(in _states[current]))
            {
                Fail(new Violation(ViolationKind.Deadlock, "nobody can take a step"), PathTo(current));
                return;
            }

            for (int i = 0; i < successors.Count; i++)
            {
                (Label label, TState next, Violation? violation) = successors[i];
                int target = _states.Add(in next, out bool added);
                _targets.Add(target);
                _labels.Add(label.Packed);
                if (added)
                {
                    _parents.Add(current);
                    _parentLabels.Add(label.Packed);
                    violation ??= _system.Check(in next);
                }

                if (violation is not null)
                {
                    List<string> path = PathTo(current);
                    path.Insert(path.Count - 1, _system.Describe(label));
                    path[^1] = "=> " + _system.Describe(in next);
                    Fail(violation, path);
                    return;
                }
            }

            _firstEdge.Add(_targets.Count);
            if (_states.Count > limit)
                throw new InvalidOperationException($"more than {limit} states; the workload is too large for the tier");
        }
    }

    private void Fail(Violation violation, List<string> trace)
    {
        Violation = violation;
        Trace = trace;
    }

    /// <summary>A shortest loop inside a component from its first state back to it.</summary>
    private List<string> Loop(IReadOnlyList<int> component)
    {
        var inside = component.ToHashSet();
        var from = new Dictionary<int, (int State, int Edge)>();
        var queue = new Queue<int>([component[0]]);
        while (queue.TryDequeue(out int state))
        {
            for (int edge = FirstEdge(state); edge < FirstEdge(state + 1); edge++)
            {
                int target = Target(edge);
                if (!inside.Contains(target) || !from.TryAdd(target, (state, edge)))
                    continue;
                if (target != component[0])
                {
                    queue.Enqueue(target);
                    continue;
                }

                var steps = new List<string>();
                int back = target;
                do
                {
                    (int previous, int e) = from[back];
                    steps.Add(_system.Describe(Label(e)));
                    back = previous;
                }
                while (back != component[0]);
                steps.Reverse();
                return steps;
            }
        }

        return [];
    }
}
