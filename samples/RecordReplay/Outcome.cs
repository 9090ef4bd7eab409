using Determinism.Diagnostics;

namespace Determinism.RecordReplay;

/// <summary>One recording and its replays.</summary>
internal sealed record Outcome
{
    public required string Console { get; init; }

    public required SessionStatistics Statistics { get; init; }

    public required long LogBytes { get; init; }

    public required TimeSpan UnrecordedTime { get; init; }

    public required TimeSpan RecordTime { get; init; }

    public required IReadOnlyList<TimeSpan> ReplayTimes { get; init; }

    /// <summary>What the replays did differently, one line each; empty if nothing.</summary>
    public required IReadOnlyList<string> Differences { get; init; }

    public required int Identical { get; init; }
}
