namespace Determinism.Conformance;

/// <summary>How much a backend can do, and so which specifications it must pass.</summary>
/// <remarks>At every level besides: <see cref="ForcedExitSpecification"/> if it has <see cref="IForcedExit"/>, and
/// <see cref="RecordReplaySpecification"/> with its author's own exit loop.</remarks>
public enum ConformanceLevel
{
    /// <summary>Serialised recording: <see cref="SerialBackendSpecification"/>.</summary>
    Serial = 1,

    /// <summary>Parallel recording, with stops at places that the guest comes to by itself (polls):
    /// <see cref="ParallelBackendSpecification"/> too.</summary>
    Parallel = 2,

    /// <summary>Parallel recording, with stops anywhere: <see cref="AsynchronousBackendSpecification"/> too.</summary>
    Asynchronous = 3,
}
