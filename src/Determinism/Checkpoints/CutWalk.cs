using Determinism.Log;

namespace Determinism.Checkpoints;

/// <summary>Goes from one cut to a later one, through the streams, as far as the constraints demand.</summary>
internal sealed class CutWalk
{
    private readonly IEventLogReader _log;
    private readonly EventCursor?[] _cursors;
    private readonly AgentPosition[] _positions;

    // How many events of each agent the others need.
    private readonly ulong[] _needed;
    private readonly Stack<int> _behind = new();

    public CutWalk(IEventLogReader log, IReadOnlyList<AgentPosition> from)
    {
        _log = log;
        _cursors = new EventCursor[from.Count];
        _positions = [.. from];
        _needed = new ulong[from.Count];
    }

    /// <summary>Takes an agent past an event. False: it has not so many.</summary>
    public bool TryReach(int agent, ulong number)
    {
        EventCursor cursor = CursorOf(agent);
        StreamEvent last = default;
        while (cursor.Consumed < number)
        {
            if (!cursor.MoveToNext())
                return false;
            last = Take(cursor);
        }
        // What is at the same place happens before the agent can stand there, but for what arrives unasked.
        while (cursor.MoveToNext() && cursor.Next.IsSamePlace(last) && cursor.Next.Kind != EventKind.Asynchronous)
            Take(cursor);
        _positions[agent] = new AgentPosition(cursor.Consumed, last.Place, last.Position);
        return true;
    }

    /// <summary>Takes a vCPU to a count, with all that happens up to there, or to its end.</summary>
    public void ReachCount(int vcpu, ulong count, bool hasEnded)
    {
        EventCursor cursor = CursorOf(vcpu);
        AgentPosition position = _positions[vcpu];
        while (cursor.MoveToNext() && cursor.Next.Position <= count)
        {
            StreamEvent one = Take(cursor);
            hasEnded |= one.Kind == EventKind.End;
            position = new AgentPosition(cursor.Consumed, one.Place, one.Position);
        }
        _positions[vcpu] = hasEnded ? position : new AgentPosition(cursor.Consumed, PlaceKind.Count, count);
    }

    /// <summary>Takes all the others as far as they must be for it, and everybody who has moved on to where nothing of him is
    /// under way.</summary>
    /// <param name="vcpus">Number of the agents that are vCPUs, the first ones.</param>
    /// <exception cref="LogDamagedException">A cause is not in the log.</exception>
    public Cut Settle(int vcpus)
    {
        bool hasMoved = true;
        while (hasMoved)
        {
            Close();
            hasMoved = false;
            for (int agent = 0; agent < _positions.Length; agent++)
            {
                if (_cursors[agent] is { } cursor)
                    hasMoved |= agent < vcpus ? FinishPlace(agent, cursor) : FinishWork(agent, cursor);
            }
        }
        return new Cut([.. _positions]);
    }

    /// <summary>Takes all the others as far as they must be for it.</summary>
    /// <exception cref="LogDamagedException">A cause is not in the log.</exception>
    public Cut Close()
    {
        while (_behind.Count > 0)
        {
            int agent = _behind.Pop();
            if (_positions[agent].Events < _needed[agent] && !TryReach(agent, _needed[agent]))
                throw new LogDamagedException($"Event {_needed[agent]} of agent {agent}, which another comes after, is not in the log.");
        }
        return new Cut([.. _positions]);
    }

    /// <summary>A vCPU enters the guest again when all is done at its place.</summary>
    private bool FinishPlace(int vcpu, EventCursor cursor)
    {
        AgentPosition here = _positions[vcpu];
        ulong before = cursor.Consumed;
        while (cursor.MoveToNext() && cursor.Next.Place == here.Place && cursor.Next.Position == here.Position)
            Take(cursor);
        _positions[vcpu] = here with { Events = cursor.Consumed };
        return cursor.Consumed > before;
    }

    /// <summary>Another agent waits for work: where its work comes in, or its end.</summary>
    private bool FinishWork(int agent, EventCursor cursor)
    {
        ulong before = cursor.Consumed;
        while (cursor.MoveToNext())
        {
            bool isWaiting = cursor.Next.Kind is EventKind.Asynchronous or EventKind.End;
            // Its last operations may have had no events.
            _positions[agent] = new AgentPosition(cursor.Consumed, cursor.Next.Place, cursor.Next.Position);
            if (isWaiting)
                break;
            StreamEvent last = Take(cursor);
            _positions[agent] = new AgentPosition(cursor.Consumed, last.Place, last.Position);
        }
        return cursor.Consumed > before;
    }

    private EventCursor CursorOf(int agent) => _cursors[agent] ??= EventCursors.After(_log, agent, _positions[agent].Events);

    private StreamEvent Take(EventCursor cursor)
    {
        StreamEvent one = cursor.Next;
        if (one.Kind == EventKind.Elevation)
        {
            foreach (OrderingConstraint cause in cursor.Constraints)
            {
                if (cause.EventNumber <= _needed[cause.Agent])
                    continue;
                _needed[cause.Agent] = cause.EventNumber;
                _behind.Push(cause.Agent);
            }
        }
        cursor.Consume();
        return one;
    }
}
