using Determinism.FlightRecording;

namespace Determinism.Checkpoints;

/// <summary>When a recording makes checkpoints by itself, beside those that are asked for
/// (<see cref="Recording.RecordingSession.Checkpoint"/>).</summary>
/// <remarks>Whichever comes first; each begins anew with every checkpoint. None of it reaches the guest.</remarks>
public sealed record CheckpointOptions
{
    /// <summary>What the machine has beside its memory.</summary>
    public required ICheckpointState State { get; init; }

    /// <summary>Time between two checkpoints, by the recording's clock: from a millisecond to 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>, the default.</summary>
    public TimeSpan Interval { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Events of all agents between two checkpoints; 0, the default: they are not counted.</summary>
    public long Events { get; init; }

    /// <summary>Bytes of events of all agents between two checkpoints; 0, the default: they are not counted.</summary>
    public long LogBytes { get; init; }

    /// <summary>The recorder that some of them are made whole for; null if there is none.</summary>
    internal FlightRecorder? Recorder { get; init; }

    internal bool CountsEvents => Events > 0 || LogBytes > 0;

    internal void Validate()
    {
        if (State is null)
            throw new ArgumentException("A checkpoint needs the machine's state.", nameof(State));
        Guard.InRange(Interval == Timeout.InfiniteTimeSpan || Interval.TotalMilliseconds is >= 1 and <= int.MaxValue, Interval,
            nameof(Interval), "Between a millisecond and 24 days, or never.");
        Guard.InRange(Events >= 0, Events, nameof(Events), "Not negative.");
        Guard.InRange(LogBytes >= 0, LogBytes, nameof(LogBytes), "Not negative.");
    }
}
