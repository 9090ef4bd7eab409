using Determinism.X86;

namespace Determinism.Machine;

/// <summary>What a guest has made executable while it ran.</summary>
/// <remarks>
/// <para>Added to by the vCPU that publishes, inside its span of the frames; read by every vCPU that faults. The list is
/// replaced as a whole, so readers need no lock.</para>
/// <para>A fetch asks for the whole range at once, and nobody writes there again: where a poll traps depends on the VMM's
/// limit, so the frame of a trap must never be acquired by itself, as it would not be in a replay.</para>
/// </remarks>
internal sealed class PublishedCode(int pageShift)
{
    private readonly Lock _adding = new();
    private Piece[] _pieces = [];

    /// <summary>All code that was published, byte by byte as it was told.</summary>
    public IEnumerable<CodeRegion> Regions => Volatile.Read(ref _pieces).Select(piece => piece.Region);

    /// <summary>The frames that hold a range.</summary>
    public MemoryAccess FramesOf(ulong address, ulong bytes, AccessRight right)
    {
        ulong mask = (1UL << Math.Max(pageShift, 12)) - 1;
        ulong start = address & ~mask;
        return new MemoryAccess(start, (uint)(((address + bytes + mask) & ~mask) - start), right);
    }

    public void Add(CodeRegion region)
    {
        lock (_adding)
            _pieces = [.. _pieces, new Piece(FramesOf(region.Address, (ulong)region.Bytes.Length, AccessRight.Read), region)];
    }

    /// <summary>The published frames that an access touches; null if none.</summary>
    public MemoryAccess? Find(MemoryAccess access)
    {
        foreach (Piece piece in Volatile.Read(ref _pieces))
        {
            if (access.Address < piece.Frames.Address + piece.Frames.Size
                && piece.Frames.Address < access.Address + access.Size)
                return piece.Frames;
        }
        return null;
    }

    private sealed record Piece(MemoryAccess Frames, CodeRegion Region);
}
