namespace Determinism.Emulation.Exploration;

/// <summary>What an exploration has run.</summary>
/// <param name="Interleavings">How many different interleavings were run to their end and recorded.</param>
/// <param name="Abandoned">How many runs were given up because all that could come after had been seen in others.</param>
/// <param name="TooLong">How many were given up because they had too many accesses.</param>
/// <param name="IdenticalReplays">How many recordings were replayed and came to the same end, in every bit.</param>
/// <param name="IsComplete">Whether that is all: none was too long, and there was no bound on runs to stop at.</param>
/// <param name="Outcomes">The different ends, in the order in which they were first seen.</param>
public sealed record ExplorationReport(long Interleavings, long Abandoned, long TooLong, long IdenticalReplays, bool IsComplete,
    IReadOnlyList<ExploredOutcome> Outcomes);
