namespace Determinism;

/// <summary>A log that can be read back.</summary>
/// <remarks>Safe for concurrent use: each stream is read by its own replaying agent.</remarks>
public interface IEventLogReader : IDisposable
{
    /// <summary>Number of event streams.</summary>
    int StreamCount { get; }

    /// <summary>Whether the log was ended properly.</summary>
    bool IsComplete { get; }

    /// <summary>The next run of whole events of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="offset">Bytes of the stream consumed so far: 0, or the sum of the lengths returned.</param>
    /// <returns>The run, or an empty one at the end of the stream.</returns>
    /// <exception cref="LogDamagedException">The bytes there cannot be trusted.</exception>
    ReadOnlyMemory<byte> ReadEvents(int stream, long offset);

    /// <summary>The content of the first block of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="content">Its content.</param>
    /// <returns>Whether there is one.</returns>
    bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content);
}
