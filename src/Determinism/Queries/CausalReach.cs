using Determinism.Log;

namespace Determinism.Queries;

/// <summary>Which events come after one of them; told all from there on, in an order that keeps the constraints.</summary>
/// <remarks>Of each agent, the first of them is enough, and the constraint that makes it one: memory does not grow.</remarks>
internal sealed class CausalReach
{
    private readonly EventReference _first;

    // Of each agent, the number of the first event that is reached; 0 for none yet.
    private readonly ulong[] _reached;
    private readonly OrderingConstraint[] _causes;

    public CausalReach(int agents, EventReference first)
    {
        _first = first;
        _reached = new ulong[agents];
        _causes = new OrderingConstraint[agents];
        _reached[first.Agent] = first.Number;
    }

    /// <summary>The next event, at which a cursor is.</summary>
    public void Pass(EventCursor cursor)
    {
        if (_reached[cursor.Stream] != 0)
            return;
        foreach (OrderingConstraint cause in cursor.Constraints)
        {
            if (_reached[cause.Agent] == 0 || cause.EventNumber < _reached[cause.Agent])
                continue;
            _reached[cursor.Stream] = cursor.Consumed + 1;
            _causes[cursor.Stream] = cause;
            return;
        }
    }

    /// <summary>Whether an event of another agent comes after the first.</summary>
    public bool Has(EventReference one) => _reached[one.Agent] != 0 && _reached[one.Agent] <= one.Number;

    /// <summary>The way from the first event to one that comes after it: by constraints, and by program order in between.</summary>
    public IReadOnlyList<EventReference> ChainTo(EventReference last)
    {
        var chain = new List<EventReference> { last };
        int agent = last.Agent;
        while (agent != _first.Agent)
        {
            Add(chain, new EventReference(agent, _reached[agent]));
            OrderingConstraint cause = _causes[agent];
            Add(chain, new EventReference(cause.Agent, cause.EventNumber));
            agent = cause.Agent;
        }
        Add(chain, _first);
        chain.Reverse();
        return chain;
    }

    private static void Add(List<EventReference> chain, EventReference one)
    {
        if (chain[chain.Count - 1] != one)
            chain.Add(one);
    }
}
