namespace Determinism.Benchmarks.Logging;

/// <summary>The kinds of events, and what makes them longer.</summary>
public enum EventShape
{
    Elevation,
    ElevationWithConstraint,
    Reduction,
    InputValue,
    InputBytes,
    Asynchronous,
    Digest,
    End,
}
