using System.Globalization;

namespace Determinism.Log;

/// <summary>How far a log can be replayed: every stream goes on until it waits for an event that never comes.</summary>
/// <remarks>Takes time in proportion to events and constraints, and of memory a block a stream.</remarks>
internal sealed class ReplayOrder
{
    private readonly EventCursor[] _cursors;
    private readonly long[] _bytes;
    private readonly List<Wait>[] _waiters;
    private readonly Stack<int> _ready = new();

    private ReplayOrder(IEventLogReader log)
    {
        int count = log.StreamCount;
        _cursors = new EventCursor[count];
        _bytes = new long[count];
        _waiters = new List<Wait>[count];
        for (int stream = count - 1; stream >= 0; stream--)
        {
            _cursors[stream] = new EventCursor(log, stream, count);
            // What comes before the log's beginning has happened.
            _bytes[stream] = _cursors[stream].Offset;
            _waiters[stream] = [];
            _ready.Push(stream);
        }
    }

    /// <summary>Events that wait for each other, each for the one after it, the last for the first; empty if there are
    /// none.</summary>
    public IReadOnlyList<OrderingConstraint> Ring { get; private set; } = [];

    /// <summary>Events and bytes of a stream that can be replayed.</summary>
    public (ulong Events, long Bytes) Reach(int stream) => (_cursors[stream].Consumed, _bytes[stream]);

    /// <summary>Events after those that can be replayed. Goes to the stream's end: its reach is to be asked for before.</summary>
    public ulong CountRest(int stream)
    {
        EventCursor cursor = _cursors[stream];
        ulong reach = cursor.Consumed;
        while (cursor.MoveToNext())
            cursor.Consume();
        return cursor.Consumed - reach;
    }

    /// <exception cref="LogDamagedException">The log cannot be read to its end.</exception>
    public static ReplayOrder Of(IEventLogReader log)
    {
        var order = new ReplayOrder(log);
        while (order._ready.Count > 0)
            order.Advance(order._ready.Pop());
        order.FindRing();
        return order;
    }

    /// <summary>The ring as agent/event, "-&gt;" for "waits for".</summary>
    public string DescribeRing() => "These events wait for each other (agent/event): "
        + string.Join(" -> ", Ring.Append(Ring[0]).Select(static one =>
            string.Format(CultureInfo.InvariantCulture, "{0}/{1}", one.Agent, one.EventNumber)));

    private void Advance(int stream)
    {
        EventCursor cursor = _cursors[stream];
        while (cursor.MoveToNext())
        {
            if (TryFindUnmet(cursor, 0, out int at))
            {
                OrderingConstraint unmet = cursor.Constraints[at];
                _waiters[unmet.Agent].Add(new Wait(stream, unmet.EventNumber));
                break;
            }
            _bytes[stream] = cursor.Offset;
            cursor.Consume();
        }
        List<Wait> waiters = _waiters[stream];
        for (int index = waiters.Count - 1; index >= 0; index--)
        {
            if (waiters[index].EventNumber > cursor.Consumed)
                continue;
            _ready.Push(waiters[index].Stream);
            waiters.RemoveAt(index);
        }
    }

    // Of itself an event waits for nothing: that is a problem of its own.
    private bool TryFindUnmet(EventCursor cursor, int from, out int at)
    {
        ReadOnlySpan<OrderingConstraint> constraints = cursor.Next.Kind == EventKind.Elevation ? cursor.Constraints : [];
        for (at = from; at < constraints.Length; at++)
        {
            if (constraints[at].Agent != cursor.Stream && constraints[at].EventNumber > _cursors[constraints[at].Agent].Consumed)
                return true;
        }
        return false;
    }

    private void FindRing()
    {
        var isDone = new bool[_cursors.Length];
        var path = new List<OrderingConstraint>();
        for (int stream = 0; stream < _cursors.Length && Ring.Count == 0; stream++)
            Search(stream, path, isDone);
    }

    // Every stream stands at one event: a ring of events is a ring of streams.
    private void Search(int stream, List<OrderingConstraint> path, bool[] isDone)
    {
        EventCursor cursor = _cursors[stream];
        if (isDone[stream] || !cursor.MoveToNext())
            return;
        var here = new OrderingConstraint(stream, cursor.Consumed + 1);
        int known = path.IndexOf(here);
        if (known >= 0)
        {
            Ring = path.GetRange(known, path.Count - known);
            return;
        }
        int length = path.Count;
        path.Add(here);
        for (int at = 0; Ring.Count == 0 && TryFindUnmet(cursor, at, out at); at++)
        {
            OrderingConstraint cause = cursor.Constraints[at];
            // The cause itself, and then the event before it that its stream cannot pass.
            if (cause.EventNumber != _cursors[cause.Agent].Consumed + 1)
                path.Add(cause);
            Search(cause.Agent, path, isDone);
            path.RemoveRange(length + 1, path.Count - length - 1);
        }
        path.RemoveAt(length);
        isDone[stream] = true;
    }

    private readonly record struct Wait(int Stream, ulong EventNumber);
}
