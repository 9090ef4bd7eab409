namespace Determinism.Checkpoints;

/// <summary>Which pieces of a machine's memory may hold anything that is not known without looking.</summary>
internal static class TouchedPieces
{
    /// <summary>Them, ascending. While nobody runs.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="shared">What is only ever read: it does not change, and may be nobody's to look at.</param>
    public static IEnumerable<ulong> Of(IVmBackend backend, MachineShape shape, IReadOnlyList<FrameRange> shared)
    {
        IEnumerable<(ulong Address, ulong Bytes)> ranges =
            backend is ITouchedMemory memory ? memory.TouchedRanges() : [(0, shape.MemoryBytes)];
        ulong next = 0;
        foreach ((ulong address, ulong bytes) in ranges)
        {
            ulong end = Pieces.CountOf(Math.Min(address + bytes, shape.MemoryBytes));
            for (ulong piece = Math.Max(address / Pieces.Bytes, next); piece < end; piece++)
            {
                if (!IsShared(piece, shape, shared))
                    yield return piece;
            }
            next = Math.Max(next, end);
        }
    }

    private static bool IsShared(ulong piece, MachineShape shape, IReadOnlyList<FrameRange> shared)
    {
        ulong first = shape.FrameOf(piece * Pieces.Bytes);
        ulong last = shape.FrameOf((piece * Pieces.Bytes) + Pieces.Bytes - 1);
        foreach (FrameRange range in shared)
        {
            if (range.Contains(first) && range.Contains(last))
                return true;
        }
        return false;
    }
}
