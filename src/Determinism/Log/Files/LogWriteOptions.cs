namespace Determinism.Log;

/// <summary>How a log is written.</summary>
public sealed record LogWriteOptions
{
    /// <summary>When it commits without being asked.</summary>
    public CommitPolicy Commit { get; init; } = CommitPolicy.Explicit;

    /// <summary>Where the time of <see cref="CommitPolicy.Every"/> comes from; needed for that policy only.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>How contents are compressed where that saves anything.</summary>
    public BlockCodec Compression { get; init; } = BlockCodec.None;

    /// <summary>Secrets; none by default.</summary>
    public LogKeys? Keys { get; init; }

    /// <summary>What tells this log from others; never the same for two logs that share a secret. Needed with
    /// <see cref="Keys"/> only.</summary>
    public Guid Identity { get; init; }

    /// <summary>Bytes after which a segment is closed and the next one begun; at least 4 KiB.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of a stream that may wait for the disk, in all streams alike; at least 128 KiB. A writer that is ahead
    /// by more waits.</summary>
    public int BacklogBytes { get; init; } = 1 << 20;

    /// <summary>Whether the log's oldest part may be dropped.</summary>
    internal bool DropsOldest { get; init; }

    internal void Validate()
    {
        Guard.InRange(SegmentBytes >= 4 << 10, SegmentBytes, nameof(SegmentBytes), "At least 4 KiB.");
        Guard.InRange(BacklogBytes >= 2 * LogLimits.BlockBytes, BacklogBytes, nameof(BacklogBytes), "At least 128 KiB.");
        Guard.InRange(Compression <= BlockCodec.Lz4, Compression, nameof(Compression), "No such compression.");
        if (Commit.Interval != Timeout.InfiniteTimeSpan && Time is null)
            throw new ArgumentException("A commit every so often needs a source of time.", nameof(Time));
        if (Keys is not null && Identity == Guid.Empty)
            throw new ArgumentException("A log with keys needs an identity of its own.", nameof(Identity));
    }
}
