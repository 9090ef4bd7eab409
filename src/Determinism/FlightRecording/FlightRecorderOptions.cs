using Determinism.Log;

namespace Determinism.FlightRecording;

/// <summary>What a <see cref="FlightRecorder"/> keeps.</summary>
public sealed record FlightRecorderOptions
{
    /// <summary>Bytes that the log's folder may have; what is older than the newest of them is dropped. At least 64 KiB; 0, the
    /// default: no bound of bytes.</summary>
    public long KeepBytes { get; init; }

    /// <summary>How much of the recording is kept at least, if <see cref="KeepBytes"/> allows it; what is older is dropped. At least a
    /// second, at most 24 days; <see cref="TimeSpan.Zero"/>, the default: no bound of time.</summary>
    public TimeSpan KeepTime { get; init; }

    /// <summary>Time between two checkpoints, from a millisecond to 24 days; a second by default. They come sooner where the
    /// budget needs it.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where the ages of what is kept come from. None of it reaches the guest.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>How the log is written. Segments are made smaller where the budget needs it.</summary>
    public LogWriteOptions Log { get; init; } = new();

    internal void Validate()
    {
        if (KeepBytes == 0 && KeepTime == TimeSpan.Zero)
            throw new ArgumentException("How much is to be kept? Bytes, or a time, or both.", nameof(KeepBytes));
        Guard.InRange(KeepBytes is 0 or >= 64 << 10, KeepBytes, nameof(KeepBytes), "At least 64 KiB.");
        Guard.InRange(KeepTime == TimeSpan.Zero || KeepTime.TotalSeconds is >= 1 && KeepTime.TotalMilliseconds <= int.MaxValue,
            KeepTime, nameof(KeepTime), "From a second to 24 days.");
        Guard.InRange(CheckpointInterval.TotalMilliseconds is >= 1 and <= int.MaxValue, CheckpointInterval,
            nameof(CheckpointInterval), "From a millisecond to 24 days.");
        Guard.NotNull(Time);
        Guard.NotNull(Log).Validate();
    }
}
