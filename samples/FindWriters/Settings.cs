using Determinism.Guests;

namespace Determinism.FindWriters;

/// <summary>What is asked, and of which recording.</summary>
internal sealed record Settings
{
    /// <summary>The variable.</summary>
    public required string Symbol { get; init; }

    /// <summary>A log that was kept; null to record the guest.</summary>
    public required string? Log { get; init; }

    public required Guest Workload { get; init; }

    public required int Vcpus { get; init; }

    public required IReadOnlyList<ulong> Parameters { get; init; }

    /// <summary>What records.</summary>
    public required string Backend { get; init; }
}
