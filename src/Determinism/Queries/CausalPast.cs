using Determinism.Log;

namespace Determinism.Queries;

/// <summary>What must come before an event: its agent's events before it, the events that their constraints name, and so
/// on.</summary>
/// <remarks>Reads each stream forwards, at most up to what is needed of it. One thread at a time.</remarks>
internal sealed class CausalPast
{
    private readonly EventReference _target;
    private readonly EventCursor?[] _cursors;
    private readonly Func<int, EventCursor> _open;

    // How many events of each agent come before the target, or are it.
    private readonly ulong[] _needed;

    // Each time that more of an agent was needed: how many, and for which event. In the order in which they were found, so that
    // the events for which something was needed were needed by an earlier entry.
    private readonly List<(EventReference Cause, EventReference Effect)> _links = [];
    private readonly Stack<int> _behind = new();

    /// <param name="open">Opens an agent's stream where the past that is of interest begins.</param>
    /// <param name="agents">Number of agents.</param>
    /// <param name="target">The event.</param>
    public CausalPast(Func<int, EventCursor> open, int agents, EventReference target)
    {
        _open = open;
        _target = target;
        _cursors = new EventCursor?[agents];
        _needed = new ulong[agents];
        _needed[target.Agent] = target.Number;
        _behind.Push(target.Agent);
    }

    /// <summary>Numbers of events, by agent.</summary>
    public IReadOnlyList<ulong> Needed => _needed;

    /// <summary>Goes back as far as it takes to find an event; false if the event does not come before the target.</summary>
    /// <exception cref="LogDamagedException">A cause is not in the log.</exception>
    public bool TryFind(EventReference wanted)
    {
        while (_needed[wanted.Agent] < wanted.Number)
        {
            if (_behind.Count == 0)
                return false;
            TakePast(_behind.Pop());
        }
        return true;
    }

    /// <summary>Goes back to the start of the log.</summary>
    /// <exception cref="LogDamagedException">A cause is not in the log.</exception>
    public void Complete()
    {
        while (_behind.Count > 0)
            TakePast(_behind.Pop());
    }

    /// <summary>The way from an event that was found to the target, by program order and constraints in turn.</summary>
    public IReadOnlyList<EventReference> ChainFrom(EventReference found)
    {
        var chain = new List<EventReference> { found };
        EventReference here = found;
        while (here.Agent != _target.Agent || here.Number > _target.Number)
        {
            (EventReference cause, EventReference effect) = _links.Find(link => link.Cause.Agent == here.Agent && link.Cause.Number >= here.Number);
            if (cause != here)
                chain.Add(cause);
            chain.Add(effect);
            here = effect;
        }
        if (here != _target)
            chain.Add(_target);
        return chain;
    }

    private void TakePast(int agent)
    {
        EventCursor cursor = _cursors[agent] ??= _open(agent);
        while (cursor.Consumed < _needed[agent])
        {
            if (!cursor.MoveToNext())
            {
                Guard.InRange(agent != _target.Agent, _target, "target", "No such event.");
                throw new LogDamagedException($"Event {_needed[agent]} of agent {agent}, which another comes after, is not in the log.");
            }
            var effect = new EventReference(agent, cursor.Consumed + 1);
            foreach (OrderingConstraint cause in cursor.Constraints)
            {
                if (cause.EventNumber <= _needed[cause.Agent])
                    continue;
                _needed[cause.Agent] = cause.EventNumber;
                _links.Add((new EventReference(cause.Agent, cause.EventNumber), effect));
                _behind.Push(cause.Agent);
            }
            cursor.Consume();
        }
    }
}
