using System.Runtime.CompilerServices;

namespace Determinism.Ownership;

/// <summary>One 64-bit word a frame, in a three-level table whose untouched parts do not exist.</summary>
/// <remarks>
/// Reached without a lock: a missing part is put in place by compare-and-swap and never taken away. A leaf covers
/// 1,024 frames in 8 KiB, so that a guest of 1 TiB costs what it has touched. In a leaf, the words of neighbouring frames lie
/// 1 KiB apart: agents that touch every other frame do not meet on a cache line, and a leaf that is full has no gaps.
/// </remarks>
internal sealed class FrameTable
{
    private const int LeafBits = 10;
    private const int MiddleBits = 12;
    private const int LeafMask = (1 << LeafBits) - 1;

    // Eight words are a line.
    private const int LineBits = 3;
    private const int MiddleMask = (1 << MiddleBits) - 1;

    private readonly Middle[] _root;
    private readonly ulong _leaves;

    public FrameTable(ulong frameCount)
    {
        ulong parts = ((frameCount - 1) >> (LeafBits + MiddleBits)) + 1;
        Guard.InRange(frameCount > 0 && parts <= 1 << 24, frameCount, nameof(frameCount), "Too few or too many frames.");
        FrameCount = frameCount;
        _leaves = ((frameCount - 1) >> LeafBits) + 1;
        _root = new Middle[(int)parts];
    }

    public ulong FrameCount { get; }

    /// <summary>The word's value; zero where nobody has been.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Read(ulong frame)
    {
        Leaf[]? leaves = Volatile.Read(ref _root[(int)(frame >> (LeafBits + MiddleBits))].Leaves);
        if (leaves is null)
            return 0;
        long[]? leaf = Volatile.Read(ref leaves[(int)(frame >> LeafBits) & MiddleMask].Words);
        return leaf is null ? 0 : Volatile.Read(ref leaf[IndexOf(frame)]);
    }

    /// <summary>The first frame from a given one on whose leaf exists; the number of frames if there is none.</summary>
    public ulong NextTouched(ulong frame)
    {
        while (frame < FrameCount)
        {
            Leaf[]? leaves = Volatile.Read(ref _root[(int)(frame >> (LeafBits + MiddleBits))].Leaves);
            int bits = LeafBits;
            if (leaves is null)
                bits += MiddleBits;
            else if (Volatile.Read(ref leaves[(int)(frame >> LeafBits) & MiddleMask].Words) is not null)
                return frame;
            frame = ((frame >> bits) + 1) << bits;
        }
        return FrameCount;
    }

    /// <summary>The word itself, its leaf made if missing.</summary>
    public ref long Slot(ulong frame)
    {
        ref Leaf[]? middle = ref _root[(int)(frame >> (LeafBits + MiddleBits))].Leaves;
        Leaf[] leaves = Volatile.Read(ref middle) ?? Install(ref middle, MakeMiddle(frame));
        ref long[]? leaf = ref leaves[(int)(frame >> LeafBits) & MiddleMask].Words;
        long[] words = Volatile.Read(ref leaf) ?? Install(ref leaf, new long[1 << LeafBits]);
        return ref words[IndexOf(frame)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(ulong frame) =>
        ((int)frame << (LeafBits - LineBits) & LeafMask) | ((int)frame & LeafMask) >> LineBits;

    // The last one is no longer than the table.
    private Leaf[] MakeMiddle(ulong frame)
    {
        ulong first = frame >> (LeafBits + MiddleBits) << MiddleBits;
        return new Leaf[(int)Math.Min(_leaves - first, 1UL << MiddleBits)];
    }

    private static T Install<T>(ref T? place, T made)
        where T : class => Interlocked.CompareExchange(ref place, made, null) ?? made;

    // Structs: the place of a reference in an array of references is checked for the array's type at each access.
    private struct Middle
    {
        public Leaf[]? Leaves;
    }

    private struct Leaf
    {
        public long[]? Words;
    }
}
