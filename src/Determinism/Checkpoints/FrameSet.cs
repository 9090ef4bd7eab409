namespace Determinism.Checkpoints;

/// <summary>A set of frames, a bit each; parts in which there is none do not exist.</summary>
/// <remarks>One thread at a time. Adding allocates once in 4,096 neighbouring frames, and never again.</remarks>
internal sealed class FrameSet(ulong frameCount)
{
    private const int PartBits = 12;
    private const int WordBits = 6;
    private const ulong PartMask = (1 << PartBits) - 1;

    private readonly ulong[]?[] _parts = new ulong[((frameCount - 1) >> PartBits) + 1][];

    public void Add(ulong frame)
    {
        ref ulong[]? part = ref _parts[frame >> PartBits];
        part ??= new ulong[1 << (PartBits - WordBits)];
        part[(frame & PartMask) >> WordBits] |= 1UL << (int)(frame & 63);
    }

    public bool Contains(ulong frame) => _parts[frame >> PartBits] is { } part
        && ((part[(frame & PartMask) >> WordBits] >> (int)(frame & 63)) & 1) != 0;

    public void Clear()
    {
        foreach (ulong[]? part in _parts)
        {
            if (part is not null)
                Array.Clear(part, 0, part.Length);
        }
    }

    public void AddAll(FrameSet others)
    {
        for (int index = 0; index < _parts.Length; index++)
        {
            if (others._parts[index] is not { } other)
                continue;
            ulong[] part = _parts[index] ??= new ulong[other.Length];
            for (int word = 0; word < part.Length; word++)
                part[word] |= other[word];
        }
    }

    /// <summary>Its frames, ascending.</summary>
    public IEnumerable<ulong> All()
    {
        for (int index = 0; index < _parts.Length; index++)
        {
            if (_parts[index] is not { } part)
                continue;
            for (int word = 0; word < part.Length; word++)
            {
                for (ulong rest = part[word]; rest != 0; rest &= rest - 1)
                    yield return ((ulong)index << PartBits) + ((ulong)word << WordBits) + (ulong)Bits.TrailingZeroCount(rest);
            }
        }
    }
}
