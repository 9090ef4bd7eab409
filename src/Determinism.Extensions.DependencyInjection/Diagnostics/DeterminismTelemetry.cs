namespace Determinism;

/// <summary>What a host subscribes to.</summary>
public static class DeterminismTelemetry
{
    /// <summary>Name of the meter, of the activity source, and of the log category.</summary>
    public const string Name = "Determinism";

    internal const string KindTag = "determinism.session.kind";
    internal const string KeyTag = "determinism.session.key";
    internal const string GuestTag = "determinism.session.guest";
    internal const string VcpusTag = "determinism.session.vcpus";
    internal const string OutcomeTag = "determinism.session.outcome";
    internal const string EventKindTag = "determinism.event.kind";
}
