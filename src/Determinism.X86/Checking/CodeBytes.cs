namespace Determinism.X86;

/// <summary>The bytes of all regions, and for each byte which instruction begins there and which covers it.</summary>
internal sealed class CodeBytes
{
    public const int None = -1;

    private readonly Region[] _regions;

    public CodeBytes(IReadOnlyList<CodeRegion> regions)
    {
        ArgumentNullException.ThrowIfNull(regions);
        _regions = new Region[regions.Count];
        for (int index = 0; index < _regions.Length; index++)
            _regions[index] = new Region(regions[index]);
        Array.Sort(_regions, (left, right) => left.Address.CompareTo(right.Address));
        ulong end = 0;
        foreach (Region region in _regions)
        {
            ulong length = (ulong)region.Bytes.Length;
            if (region.Address < end || region.Address + length < region.Address)
                throw new ArgumentException($"The region at 0x{region.Address:x} overlaps another or wraps around.",
                    nameof(regions));
            end = region.Address + length;
        }
    }

    public bool Contains(ulong address) => TryFind(address, out _, out _);

    /// <summary>The bytes from an address to the end of its region; none outside of the code.</summary>
    public ReadOnlySpan<byte> From(ulong address) =>
        TryFind(address, out Region? region, out int offset) ? region!.Bytes.Span[offset..] : default;

    /// <summary>The instruction that begins at an address, or <see cref="None"/>.</summary>
    public int StartingAt(ulong address) =>
        TryFind(address, out Region? region, out int offset) ? region!.Starts[offset] - 1 : None;

    /// <summary>The first instruction that was found to cover an address, or <see cref="None"/>.</summary>
    public int Covering(ulong address) =>
        TryFind(address, out Region? region, out int offset) ? region!.Covers[offset] - 1 : None;

    /// <summary>Enters an instruction.</summary>
    /// <returns>An instruction that it shares bytes with, or <see cref="None"/>.</returns>
    public int Claim(ulong address, int length, int instruction)
    {
        if (!TryFind(address, out Region? region, out int offset))
            throw new ArgumentOutOfRangeException(nameof(address), address, "There is no code.");
        region!.Starts[offset] = instruction + 1;
        int other = None;
        foreach (ref int cover in region.Covers.AsSpan(offset, length))
        {
            if (cover == 0)
                cover = instruction + 1;
            else if (other == None)
                other = cover - 1;
        }
        return other;
    }

    /// <summary>Whether two addresses lie in one region.</summary>
    public bool AreTogether(ulong left, ulong right) => TryFind(left, out Region? first, out _)
        && TryFind(right, out Region? second, out _) && ReferenceEquals(first, second);

    /// <summary>Whether an address lies in a region that the caller patches.</summary>
    public bool IsPatched(ulong address) => TryFind(address, out Region? region, out _) && region!.IsPatched;

    private bool TryFind(ulong address, out Region? found, out int offset)
    {
        foreach (Region region in _regions)
        {
            if (address >= region.Address && address - region.Address < (ulong)region.Bytes.Length)
            {
                found = region;
                offset = (int)(address - region.Address);
                return true;
            }
        }
        found = null;
        offset = 0;
        return false;
    }

    private sealed class Region(CodeRegion code)
    {
        public ulong Address => code.Address;

        public bool IsPatched => code.IsPatched;

        public ReadOnlyMemory<byte> Bytes => code.Bytes;

        // Both one more than an instruction's index; 0 for none.
        public int[] Starts { get; } = new int[code.Bytes.Length];

        public int[] Covers { get; } = new int[code.Bytes.Length];
    }
}
