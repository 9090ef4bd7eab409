using System.Diagnostics.Metrics;

namespace Determinism.Diagnostics;

/// <summary>The instruments of all sessions of a host. They read the sessions' own counters when somebody collects them:
/// an exit pays nothing for them.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SessionMetrics : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<SessionGroup> _groups = [];
    private readonly Meter? _ownMeter;

    /// <summary>Creates them.</summary>
    /// <param name="meters">Makes and owns the meter; null for a meter of its own.</param>
    public SessionMetrics(IMeterFactory? meters)
    {
        Meter meter = meters?.Create(DeterminismTelemetry.Name) ?? (_ownMeter = new Meter(DeterminismTelemetry.Name));
        meter.CreateObservableUpDownCounter("determinism.sessions.active",
            () => Read(group => [group.Measure(group.RunningCount)]),
            "{session}", "Sessions that have started and not ended.");
        meter.CreateObservableCounter("determinism.page.transitions",
            () => ReadCounted(group => [group.Measure(Transitions(group.Total))]),
            "{transition}", "Rights to frames that rose or fell.");
        meter.CreateObservableCounter("determinism.page.steals",
            () => ReadRecorded(group => [group.Measure(group.Total.Steals)]),
            "{steal}", "Frames taken from a holder in favour of another agent.");
        meter.CreateObservableCounter("determinism.log.bytes",
            () => ReadRecorded(group => [group.Measure(group.Total.EventBytes)]),
            "By", "Bytes of events written to logs.");
        meter.CreateObservableCounter("determinism.log.events",
            () => ReadCounted(group => group.Total.Events.Select(pair => group.Measure(pair.Value, pair.Key))),
            "{event}", "Events written to logs, or found again on replay.");
        meter.CreateObservableCounter("determinism.constraints",
            () => ReadCounted(group => [group.Measure(group.Total.Constraints)]),
            "{constraint}", "Ordering constraints written to logs, or kept on replay.");
    }

    public void Start(ExecutionSession session, SessionKind kind, string? key)
    {
        lock (_gate)
        {
            SessionGroup? group = Find(kind, key);
            if (group is null)
                _groups.Add(group = new SessionGroup(kind, key));
            group.Start(session);
        }
    }

    public void End(ExecutionSession session, SessionKind kind, string? key)
    {
        lock (_gate)
            Find(kind, key)?.End(session);
    }

    public void Dispose() => _ownMeter?.Dispose();

    private static long Transitions(SessionStatistics statistics) =>
        statistics.Events.GetValueOrDefault(EventKind.Elevation)
        + statistics.Events.GetValueOrDefault(EventKind.Reduction);

    private SessionGroup? Find(SessionKind kind, string? key) =>
        _groups.Find(group => group.Kind == kind && group.Key == key);

    // What a replay cannot know is left out rather than shown as zero.
    private List<Measurement<long>> ReadRecorded(Func<SessionGroup, IEnumerable<Measurement<long>>> measure) =>
        Read(group => group.Kind == SessionKind.Record ? measure(group) : []);

    private List<Measurement<long>> ReadCounted(Func<SessionGroup, IEnumerable<Measurement<long>>> measure) =>
        Read(group => group.Kind != SessionKind.Unrecorded ? measure(group) : []);

    private List<Measurement<long>> Read(Func<SessionGroup, IEnumerable<Measurement<long>>> measure)
    {
        lock (_gate)
            return [.. _groups.SelectMany(measure)];
    }
}
