namespace Determinism.Conformance;

/// <summary>How much a backend can do, and so which specifications it must pass.</summary>
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
