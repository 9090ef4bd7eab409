using Determinism.Log;
using Determinism.Queries;

namespace Determinism.Tool.Statistics;

/// <summary>Figures of a log's events.</summary>
/// <remarks>Memory grows with the number of different frames and pairs of agents, not with the log.</remarks>
internal sealed class EventFigures
{
    // A cause from longer ago counts as so far away.
    private const int Window = 1 << 20;

    private readonly SortedDictionary<EventKind, KindFigures> _kinds = [];
    private readonly SortedDictionary<(EventKind Kind, uint Code), KindFigures> _codes = [];
    private readonly Dictionary<ulong, FrameFigures> _frames = [];
    private readonly Dictionary<(int Source, int Agent), PairFigures> _pairs = [];

    private EventFigures()
    {
    }

    public long Events { get; private set; }

    public long Bytes { get; private set; }

    public long Constraints { get; private set; }

    /// <summary>The last counts of all vCPUs' clocks together.</summary>
    public ulong ClockCounts { get; private set; }

    public IReadOnlyDictionary<EventKind, KindFigures> Kinds => _kinds;

    /// <summary>Inputs and asynchronous events by code.</summary>
    public IReadOnlyDictionary<(EventKind Kind, uint Code), KindFigures> Codes => _codes;

    /// <summary>Elevations that carry constraints, bytes of those included.</summary>
    public KindFigures ConstrainedElevations { get; } = new();

    /// <summary>How many events, of all agents in causal order, lie between an event and its causes.</summary>
    public DistanceHistogram Distances { get; } = new();

    public IEnumerable<FrameFigures> HottestFrames =>
        _frames.Values.OrderByDescending(static frame => frame.Changes).ThenBy(static frame => frame.Frame);

    public IEnumerable<PairFigures> Pairs => _pairs.Values
        .OrderByDescending(static pair => pair.Constraints).ThenBy(static pair => (pair.Source, pair.Agent));

    /// <param name="log">A log that is closed under its constraints.</param>
    /// <param name="vcpus">Number of agents that are vCPUs.</param>
    /// <param name="progress">Told the bytes of events.</param>
    /// <exception cref="LogDamagedException">The constraints cannot be kept.</exception>
    public static EventFigures Of(IEventLogReader log, int vcpus, Progress progress)
    {
        var figures = new EventFigures();
        var walk = new CausalWalk(log);
        var counts = new ulong[log.StreamCount];
        TimeHistory[] indexes = [.. counts.Select((_, agent) => new TimeHistory(Window, walk.CursorOf(agent).Consumed))];
        while (walk.MoveToNext())
        {
            progress.Add(walk.EventBytes);
            EventCursor cursor = walk.Current;
            figures.Add(cursor, walk.EventBytes, indexes);
            indexes[cursor.Stream].Add(figures.Events);
            if (cursor.Next.Place == PlaceKind.Count)
                counts[cursor.Stream] = cursor.Next.Position;
        }
        walk.ThrowIfStuck();
        foreach (ulong count in counts.Take(vcpus))
            figures.ClockCounts += count;
        return figures;
    }

    private static KindFigures At<TKey>(IDictionary<TKey, KindFigures> all, TKey key)
    {
        if (!all.TryGetValue(key, out KindFigures? figures))
            all.Add(key, figures = new KindFigures());
        return figures;
    }

    private void Add(EventCursor cursor, int bytes, TimeHistory[] indexes)
    {
        StreamEvent one = cursor.Next;
        Events++;
        Bytes += bytes;
        At(_kinds, one.Kind).Add(bytes);
        if (one.Kind is EventKind.Input or EventKind.Asynchronous)
            At(_codes, (one.Kind, one.Code)).Add(bytes);
        if (one.Kind is not (EventKind.Elevation or EventKind.Reduction))
            return;
        if (!_frames.TryGetValue(one.Frame, out FrameFigures? frame))
            _frames.Add(one.Frame, frame = new FrameFigures(one.Frame));
        if (one.Kind == EventKind.Reduction)
        {
            frame.Reductions++;
            return;
        }
        frame.Elevations++;
        if (!cursor.Constraints.IsEmpty)
            ConstrainedElevations.Add(bytes);
        foreach (OrderingConstraint constraint in cursor.Constraints)
        {
            Constraints++;
            Distances.Add(Events - indexes[constraint.Agent][constraint.EventNumber]);
            (int, int) key = (constraint.Agent, cursor.Stream);
            if (!_pairs.TryGetValue(key, out PairFigures? pair))
                _pairs.Add(key, pair = new PairFigures(constraint.Agent, cursor.Stream));
            pair.Add(one.Frame);
        }
    }
}
