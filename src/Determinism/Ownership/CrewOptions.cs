namespace Determinism.Ownership;

/// <summary>How a <see cref="CrewTracker{TSink}"/> behaves.</summary>
public sealed record CrewOptions
{
    /// <summary>How long a running holder keeps a frame that was handed to it before it is asked for it; zero: asked at
    /// once. With a longer <see cref="LongestHold"/>, twice what holders mostly take to answer, but no more than this. A parked
    /// holder is never waited for.</summary>
    public TimeSpan HoldTime { get; init; } = TimeSpan.Zero;

    /// <summary>How long that may become for a frame that is wanted back at once, time and again. Where it is not greater than
    /// <see cref="HoldTime"/>, or that is zero, all frames are kept alike.</summary>
    public TimeSpan LongestHold { get; init; } = TimeSpan.Zero;

    /// <summary>Instead of <see cref="HoldTime"/>, where it is not of the tracker's choice; null for a frame where it is.</summary>
    internal Func<ulong, TimeSpan?>? HoldTimeOf { get; init; }

    /// <summary>The most frames that are granted at once where an agent goes through memory; 0 to 64, rounded down to a power of
    /// two.</summary>
    public int FaultAround { get; init; }

    /// <summary>Only frames below this one are granted with another; none by default.</summary>
    public ulong FaultAroundBelow { get; init; }

    /// <summary>How long a request may stay unanswered before the recording ends with a diagnosis.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where time for the two comes from.</summary>
    public required TimeProvider Time { get; init; }
}
