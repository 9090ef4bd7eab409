namespace Determinism.Log;

/// <summary>What became of a log that was repaired.</summary>
public sealed record LogRepairResult
{
    /// <summary>What was found in the log.</summary>
    public required LogVerification Found { get; init; }

    /// <summary>What was kept of each stream, and what was dropped as far as anything tells of it.</summary>
    public required IReadOnlyList<StreamCut> Streams { get; init; }

    /// <summary>Whether all of a complete log was kept: there was nothing to repair in its events.</summary>
    public required bool IsWhole { get; init; }
}
