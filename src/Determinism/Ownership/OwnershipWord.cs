namespace Determinism.Ownership;

/// <summary>The state of one frame in 64 bits, changed by compare-and-swap only.</summary>
/// <remarks>
/// Bits 0–31: the holders. With at most 32 agents a mask; with more, the one holder's number, or the slot of a wider
/// set when <see cref="Spilled"/> is up. Bits 32–39: the last agent that held ReadWrite, 255 for none. Bits 48–63: which of
/// the sets that were in that slot. Zero is a frame that nobody ever touched, so that an untouched table is all zeros.
/// </remarks>
internal static class OwnershipWord
{
    public const long Untouched = 0;
    public const int NoWriter = 0xFF;

    public const long Touched = 1L << 40;
    public const long Exclusive = 1L << 41;
    public const long Spilled = 1L << 42;
    public const long PinnedShared = 1L << 43;
    public const long Private = 1L << 44;

    /// <summary>Some right was reduced since the last ReadWrite grant: there are reads that the next write must be ordered
    /// after, and perhaps a waiting request that an upgrade must not overtake.</summary>
    public const long Reduced = 1L << 45;

    private const int EditionShift = 48;
    private const long HolderMask = 0xFFFF_FFFF;
    private const int WriterShift = 32;

    public static uint HolderField(long word) => (uint)(word & HolderMask);

    public static int LastWriter(long word) => word == Untouched ? NoWriter : (int)(word >> WriterShift) & 0xFF;

    public static long Make(uint holders, int lastWriter, long flags) =>
        holders | ((long)lastWriter << WriterShift) | Touched | flags;

    /// <summary>What tells a word from another with the same slot.</summary>
    public static long Edition(ushort number) => (long)number << EditionShift;

    public static bool Is(long word, long flag) => (word & flag) != 0;

    /// <summary>Whether the frame was promised not to change hands.</summary>
    public static bool IsPromised(long word) => Is(word, PinnedShared | Private);
}
