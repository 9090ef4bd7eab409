using Determinism.Checkpoints;
using Determinism.Log;

namespace Determinism.Queries;

/// <summary>What must come before an event: its agent's events before it, the events that their constraints name, and so
/// on.</summary>
/// <remarks>Reads each stream forwards, from a checkpoint up to what is needed of it.</remarks>
internal sealed class CausalPast
{
    private readonly IEventLogReader _log;
    private readonly Checkpoint? _from;
    private readonly CancellationToken _cancellation;
    private readonly EventCursor?[] _cursors;
    private readonly bool[] _hasJoined;

    // How many events of each agent come before the target, or are it.
    private readonly ulong[] _needed;
    private readonly Stack<int> _behind = new();

    private CausalPast(IEventLogReader log, Checkpoint? from, EventReference target, CancellationToken cancellation)
    {
        _log = log;
        _from = from;
        _cancellation = cancellation;
        _cursors = new EventCursor?[log.StreamCount];
        _hasJoined = new bool[log.StreamCount];
        _needed = new ulong[log.StreamCount];
        Need(target.Agent, target.Number);
    }

    /// <summary>Finds it.</summary>
    /// <param name="log">The log.</param>
    /// <param name="from">A checkpoint before the event; the log's start if null.</param>
    /// <param name="target">The event.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <returns>Numbers of events, by agent; null if more than the checkpoint's vector clocks would have to be known of what
    /// is before it, which no log of ours needs.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such event.</exception>
    /// <exception cref="LogDamagedException">A cause is not in the log.</exception>
    public static ulong[]? Find(IEventLogReader log, Checkpoint? from, EventReference target, CancellationToken cancellation)
    {
        var past = new CausalPast(log, from, target, cancellation);
        while (past._behind.Count > 0)
        {
            if (!past.TryTake(past._behind.Pop(), target))
                return null;
        }
        return past._needed;
    }

    private bool TryTake(int agent, EventReference target)
    {
        EventCursor cursor = _cursors[agent] ??= EventCursors.After(_log, agent, EventsBefore(agent));
        while (cursor.Consumed < _needed[agent])
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!cursor.MoveToNext())
            {
                Guard.InRange(agent != target.Agent, target, nameof(target), "No such event.");
                throw new LogDamagedException($"Event {_needed[agent]} of agent {agent}, which another comes after, is not in the log.");
            }
            foreach (OrderingConstraint cause in cursor.Constraints)
            {
                if (cause.EventNumber <= _needed[cause.Agent])
                    continue;
                if (cause.EventNumber < EventsBefore(cause.Agent))
                    return false;
                Need(cause.Agent, cause.EventNumber);
            }
            cursor.Consume();
        }
        return true;
    }

    private void Need(int agent, ulong number)
    {
        _needed[agent] = number;
        _behind.Push(agent);
        if (_from is null || _hasJoined[agent])
            return;
        // Something from the checkpoint on is needed of it, and so all that it knew there.
        _hasJoined[agent] = true;
        for (int other = 0; other < _needed.Length; other++)
        {
            if (other != agent)
                _needed[other] = Math.Max(_needed[other], _from.ClockOf(agent, other));
        }
    }

    private ulong EventsBefore(int agent) => _from?.Cut.Positions[agent].Events ?? 0;
}
