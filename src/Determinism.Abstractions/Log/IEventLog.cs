namespace Determinism;

/// <summary>Append-only streams of events, one per agent, and the blocks that a replay starts from.</summary>
/// <remarks>
/// One writer per stream at a time, different streams concurrently; the caller's handover of a stream between
/// threads carries the fence. An append takes no lock and allocates nothing while the stream's buffer has room
/// (law L10).
/// </remarks>
public interface IEventLog : IDisposable
{
    /// <summary>Number of event streams.</summary>
    int StreamCount { get; }

    /// <summary>Appends one encoded event, whole or not at all.</summary>
    /// <param name="stream">The agent's stream.</param>
    /// <param name="encoded">The event's bytes; not kept.</param>
    /// <returns>The position after the event.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such stream.</exception>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    LogPosition Append(int stream, ReadOnlySpan<byte> encoded);

    /// <summary>Appends a block that is not of events: header, image, configuration. Of a kind, the first is read
    /// back, but for checkpoints, of which all are.</summary>
    /// <param name="kind">Its kind; not <see cref="BlockKind.Events"/>.</param>
    /// <param name="content">Its content; not kept.</param>
    void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content);

    /// <summary>Returns when all up to the position is as durable as this log can make it.</summary>
    /// <param name="position">A position that <see cref="Append"/> returned.</param>
    void WaitForCommit(LogPosition position);

    /// <summary>Ends the log properly; nothing can be appended any more. Idempotent.</summary>
    void Complete();
}
