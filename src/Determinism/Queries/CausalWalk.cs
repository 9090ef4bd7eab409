using Determinism.Checkpoints;
using Determinism.Log;

namespace Determinism.Queries;

/// <summary>Goes through the events of all streams in one order that keeps each stream's own and every constraint.</summary>
/// <remarks>
/// A log has no wall clock. Each event gets a logical time after Lamport: at least the clock's counts since its agent's event
/// before, and later than that event and its causes. Of the events whose causes are past, the one of the least time is next.
/// Memory: a block of events and <c>window</c> times an agent. One thread at a time.
/// </remarks>
internal sealed class CausalWalk
{
    // No machine counts as far between two events; a damaged log might, and time must not wrap.
    private const ulong MaximumStep = 1UL << 48;

    private readonly Stream[] _streams;
    private Stream? _current;

    /// <param name="log">The log.</param>
    /// <param name="window">How many events of each agent remember their time, a power of two. A cause from longer ago
    /// counts as the oldest that is remembered, which is later: the order holds all the same.</param>
    /// <param name="from">Where it begins; the first events that the log has if null. Times are counted from there.</param>
    public CausalWalk(IEventLogReader log, int window = 1 << 16, Cut? from = null)
    {
        _streams = new Stream[log.StreamCount];
        for (int agent = 0; agent < _streams.Length; agent++)
        {
            EventCursor cursor = from is null
                ? new EventCursor(log, agent, _streams.Length)
                : EventCursors.After(log, agent, from.Positions[agent].Events);
            _streams[agent] = new Stream(cursor, new TimeHistory(window, cursor.Consumed), hasCount: from is null && cursor.Consumed == 0);
        }
        foreach (Stream stream in _streams)
            stream.Prepare(_streams);
    }

    /// <summary>The event that the walk is at, its number, constraints and bytes. Not to be consumed by the caller.</summary>
    public EventCursor Current => _current!.Cursor;

    /// <summary>Its logical time.</summary>
    public long Time => _current!.Time;

    /// <summary>Bytes that the event takes in its stream.</summary>
    public int EventBytes => _current!.EventBytes;

    /// <summary>Where an agent's stream has got to.</summary>
    public EventCursor CursorOf(int agent) => _streams[agent].Cursor;

    /// <summary>The times of an agent's events that the walk has passed or is at.</summary>
    public TimeHistory TimesOf(int agent) => _streams[agent].Times;

    /// <summary>Goes on to the next event whose causes are all past; false if there is none.</summary>
    public bool MoveToNext()
    {
        if (_current is { IsExcluded: false })
        {
            _current.Cursor.Consume();
            _current.Prepare(_streams);
        }
        _current = null;
        foreach (Stream stream in _streams)
        {
            if (stream.IsReady(_streams) && (_current is null || stream.Time < _current.Time))
                _current = stream;
        }
        _current?.Times.Add(_current.Time);
        return _current is not null;
    }

    /// <summary>Leaves the stream of the current event where it is: what depends on this event will not come either.</summary>
    public void Exclude() => _current!.IsExcluded = true;

    /// <summary>After the walk's end: whether events are left that wait for others.</summary>
    /// <exception cref="LogDamagedException">There are.</exception>
    public void ThrowIfStuck()
    {
        foreach (Stream stream in _streams)
        {
            if (stream.Waits is { } cause)
            {
                throw new LogDamagedException($"Event {stream.Cursor.Consumed + 1} of agent {stream.Cursor.Stream} must come"
                    + $" after event {cause.EventNumber} of agent {cause.Agent}, which is not there or must come after it.");
            }
        }
    }

    private sealed class Stream(EventCursor cursor, TimeHistory times, bool hasCount)
    {
        // Where the clock was at the walk's beginning is known at the log's start alone.
        private bool _hasCount = hasCount;
        private bool _hasEvent;
        private ulong _count;

        public EventCursor Cursor => cursor;

        public TimeHistory Times => times;

        public long Time { get; private set; }

        public int EventBytes { get; private set; }

        public bool IsExcluded { get; set; }

        /// <summary>A cause of the next event that is not past.</summary>
        public OrderingConstraint? Waits { get; private set; }

        /// <summary>Reads the next event.</summary>
        public void Prepare(Stream[] all)
        {
            long before = cursor.Offset;
            _hasEvent = cursor.MoveToNext();
            Waits = null;
            if (!_hasEvent)
                return;
            EventBytes = (int)(cursor.Offset - before);
            ulong passed = 1;
            if (cursor.Next.Place == PlaceKind.Count)
            {
                if (_hasCount)
                    passed = Math.Min(Math.Max(cursor.Next.Position - _count, 1), MaximumStep);
                _count = cursor.Next.Position;
                _hasCount = true;
            }
            Time = times.Last + (long)passed;
            Await(all);
        }

        public bool IsReady(Stream[] all)
        {
            if (Waits is { } cause && all[cause.Agent].Cursor.Consumed >= cause.EventNumber)
                Await(all);
            return _hasEvent && !IsExcluded && Waits is null;
        }

        private void Await(Stream[] all)
        {
            Waits = null;
            foreach (OrderingConstraint constraint in cursor.Constraints)
            {
                if (all[constraint.Agent].Cursor.Consumed < constraint.EventNumber)
                {
                    Waits = constraint;
                    return;
                }
                Time = Math.Max(Time, all[constraint.Agent].Times[constraint.EventNumber] + 1);
            }
        }
    }
}
