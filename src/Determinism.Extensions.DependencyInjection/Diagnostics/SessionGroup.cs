using System.Diagnostics.Metrics;

namespace Determinism.Diagnostics;

/// <summary>The sessions of one kind and key: those that run, and the sum of those that have ended.</summary>
/// <remarks>Used under the gate of <see cref="SessionMetrics"/>.</remarks>
internal sealed class SessionGroup
{
    private readonly HashSet<ExecutionSession> _running = [];
    private readonly KeyValuePair<string, object?>[] _tags;
    private SessionStatistics _ended = new() { Events = new Dictionary<EventKind, long>() };

    public SessionGroup(SessionKind kind, string? key)
    {
        Kind = kind;
        Key = key;
        var kindTag = new KeyValuePair<string, object?>(DeterminismTelemetry.KindTag, TagText.Of(kind));
        _tags = key is null ? [kindTag] : [kindTag, new(DeterminismTelemetry.KeyTag, key)];
    }

    public SessionKind Kind { get; }

    public string? Key { get; }

    public int RunningCount => _running.Count;

    /// <summary>All sessions so far. Never less than before: what a session had when it ended stays in it.</summary>
    public SessionStatistics Total
    {
        get
        {
            SessionStatistics sum = _ended;
            foreach (ExecutionSession session in _running)
                sum = Add(sum, session.Statistics);
            return sum;
        }
    }

    public void Start(ExecutionSession session) => _running.Add(session);

    public void End(ExecutionSession session)
    {
        if (_running.Remove(session))
            _ended = Add(_ended, session.Statistics);
    }

    public Measurement<long> Measure(long value) => new(value, _tags);

    public Measurement<long> Measure(long value, EventKind kind) =>
        new(value, [.. _tags, new(DeterminismTelemetry.EventKindTag, TagText.Of(kind))]);

    private static SessionStatistics Add(SessionStatistics left, SessionStatistics right)
    {
        var events = new Dictionary<EventKind, long>(left.Events);
        foreach ((EventKind kind, long count) in right.Events)
            events[kind] = events.GetValueOrDefault(kind) + count;
        return new SessionStatistics
        {
            Events = events,
            EventBytes = left.EventBytes + right.EventBytes,
            SourcesOffered = left.SourcesOffered + right.SourcesOffered,
            Constraints = left.Constraints + right.Constraints,
            Steals = left.Steals + right.Steals,
            Exits = left.Exits + right.Exits,
        };
    }
}
