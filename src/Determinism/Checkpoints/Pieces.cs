namespace Determinism.Checkpoints;

/// <summary>What memory and states are cut into, whatever the size of frames: frames of a mebibyte of which one word was
/// written would fill the log, and those of 64 bytes its lists.</summary>
internal static class Pieces
{
    public const int Bytes = 4096;

    /// <summary>Number of the content that is all zeros; it is never stored.</summary>
    public const ulong Zeros = 0;

    private static readonly byte[] s_zeros = new byte[Bytes];

    public static PieceHash ZeroHash { get; } = PieceHash.Of(s_zeros);

    /// <summary>The hash of a piece's content. Much of memory is zeros, which are told faster than hashed.</summary>
    public static PieceHash HashOf(ReadOnlySpan<byte> content) => content.SequenceEqual(s_zeros) ? ZeroHash : PieceHash.Of(content);

    /// <summary>Number of pieces that hold some bytes.</summary>
    public static ulong CountOf(ulong bytes) => (bytes + Bytes - 1) / Bytes;
}
