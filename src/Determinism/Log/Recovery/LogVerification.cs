namespace Determinism.Log;

/// <summary>What <see cref="LogVerifier"/> found.</summary>
public sealed record LogVerification
{
    /// <summary>The most problems that are described; more are counted only.</summary>
    public const int MaximumProblems = 100;

    /// <summary>The first problems, in the order of the file; those of the log as a whole come last.</summary>
    public required IReadOnlyList<LogProblem> Problems { get; init; }

    /// <summary>Number of problems.</summary>
    public required long ProblemCount { get; init; }

    /// <summary>Whether nothing is wrong. A log that was not completed may be intact.</summary>
    public bool IsIntact => ProblemCount == 0;

    /// <summary>Whether the log was closed properly.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>What a log that is not complete ends with; null if it is complete, or damaged before its end.</summary>
    public LogTail? Tail { get; init; }

    /// <summary>Whether blocks are linked by a keyed chain.</summary>
    public required bool IsChained { get; init; }

    /// <summary>Whether the chain was checked: it is there, and its secret was given.</summary>
    public required bool IsChainChecked { get; init; }

    /// <summary>Whether contents were looked into: the log is in the clear, or its secret was given.</summary>
    public required bool AreContentsChecked { get; init; }

    /// <summary>Whether the order was checked: that no event has to wait for itself. It is not where contents are not looked
    /// into, are damaged, or are not of this library's events.</summary>
    public required bool IsOrderChecked { get; init; }

    /// <summary>Bytes of segments looked at.</summary>
    public required long Bytes { get; init; }

    /// <summary>Blocks looked at.</summary>
    public required long Blocks { get; init; }

    /// <summary>Events looked at.</summary>
    public required ulong Events { get; init; }

    /// <summary>Constraints looked at.</summary>
    public required long Constraints { get; init; }

    /// <summary>All blocks before this one can be trusted; what comes from there on cannot, or is not there.</summary>
    internal long TrustedBefore { get; init; }

    /// <summary>Whether that is all of them.</summary>
    internal bool IsTrusted { get; init; }

    /// <summary>Number of the last event of each stream that any block tells of.</summary>
    internal IReadOnlyList<ulong> LastEvents { get; init; } = [];

    /// <summary>Whether a stream is not of this library's events.</summary>
    internal bool IsOpaque { get; init; }
}
