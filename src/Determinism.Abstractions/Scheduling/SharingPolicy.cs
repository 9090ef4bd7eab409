namespace Determinism;

/// <summary>What a recording may do to make sharing cheaper. None of it changes what is right: whatever a policy grants is
/// in the log, and replay needs none of it.</summary>
public sealed record SharingPolicy
{
    /// <summary>Every request is served at once, one frame at a time.</summary>
    public static SharingPolicy AtOnce { get; } = new();

    /// <summary>How long a running holder keeps a frame that was handed to it before it is asked for it; zero: asked at
    /// once. With a longer <see cref="LongestHold"/>, less where holders answer sooner than in half of it: twice what they mostly
    /// take. A holder that waits is never waited for.</summary>
    public TimeSpan HoldTime { get; init; }

    /// <summary>How long <see cref="HoldTime"/> may become for a frame that is wanted back as soon as that is over, time and again: so
    /// that each handover pays for more work. Where it is not greater than <see cref="HoldTime"/>, or that is zero, all frames are kept
    /// alike.</summary>
    public TimeSpan LongestHold { get; init; }

    /// <summary>The most frames that a vCPU is granted at once where it goes through memory, 0 to 64, rounded down to a power of two;
    /// less than 2: each by itself. Frames that nobody may own belong into a recording's promises, so that they do not come along.</summary>
    public int FaultAround { get; init; }

    /// <summary>How long a vCPU runs alone while others wait, when vCPUs take turns because side by side they get less done
    /// than one of them would alone; zero: they never take turns.</summary>
    public TimeSpan Turn { get; init; }

    /// <summary>vCPUs begin to take turns when side by side they get less done than this many times what one of them would
    /// get done alone.</summary>
    public double LeastGain { get; init; } = 1.1;
}
