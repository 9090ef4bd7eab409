namespace Determinism;

/// <summary>A log that gives back every block of a kind, not the first one alone.</summary>
/// <remarks>Optional, beside <see cref="IEventLogReader"/>. Of a reader without it, checkpoints are not seen. Thread-safe as the
/// reader is.</remarks>
public interface IRepeatedBlocks
{
    /// <summary>Number of blocks of a kind.</summary>
    /// <param name="kind">The kind; not <see cref="BlockKind.Events"/>.</param>
    int CountBlocks(BlockKind kind);

    /// <summary>The content of a block.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="index">Which of them, from 0, in the order of the log.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    /// <exception cref="LogDamagedException">It cannot be trusted.</exception>
    ReadOnlyMemory<byte> ReadBlock(BlockKind kind, int index);
}
