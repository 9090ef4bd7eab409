namespace Determinism;

/// <summary>What a backend can do; the SDK refuses, with the reason, what cannot be done soundly with it.</summary>
public sealed record BackendCapabilities
{
    /// <summary>The backend's name and version, written into logs.</summary>
    public required string Identity { get; init; }

    /// <summary>The processor's identity and enabled features, as far as they decide what a guest computes.</summary>
    public required string ProcessorIdentity { get; init; }

    /// <summary>What the clock counts.</summary>
    public required ClockKind Clock { get; init; }

    /// <summary>Whether a right can be taken from one vCPU alone, and a fault tells the access.</summary>
    public required bool CanProtectFrames { get; init; }

    /// <summary>Whether a running vCPU can be made to leave the guest at a point that its clock names.</summary>
    public required bool CanStopVcpu { get; init; }

    /// <summary>The most vCPUs that it runs.</summary>
    public int MaximumVcpus { get; init; } = 254;
}
