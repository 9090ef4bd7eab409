namespace Determinism.Log;

/// <summary>Finds blocks where nothing says that there is one: after damage.</summary>
internal static class BlockSearch
{
    private const int Window = 1 << 16;

    /// <summary>Finds the first header, at or after a place, that is whole and wanted.</summary>
    /// <param name="file">The segment.</param>
    /// <param name="from">Where to start; a multiple of a block's alignment.</param>
    /// <param name="isWanted">Which header will do, by where it is.</param>
    /// <returns>Where it is; -1 if there is none.</returns>
    public static long Find(ILogFile file, long from, Func<long, BlockHeader, bool> isWanted)
    {
        var bytes = new byte[Window + BlockHeader.Size];
        for (long at = from; at < file.Length; at += Window)
        {
            int length = ReadUpTo(file, at, bytes);
            for (int offset = 0; offset < Window && offset + BlockHeader.Size <= length; offset += BlockHeader.Alignment)
            {
                ReadOnlySpan<byte> candidate = bytes.AsSpan(offset, BlockHeader.Size);
                if (candidate[4] is > 0 and <= (byte)LogLimits.LastKind && BlockHeader.TryRead(candidate, out BlockHeader header)
                    && isWanted(at + offset, header))
                    return at + offset;
            }
        }
        return -1;
    }

    /// <summary>Whether a later block was written when the one missing at a place was durable already: then it is damage, and no
    /// torn tail.</summary>
    /// <param name="file">The segment.</param>
    /// <param name="end">Where the last whole block ends.</param>
    /// <param name="sequence">Number of the missing block.</param>
    /// <param name="isChained">Whether blocks end with a link of the chain.</param>
    public static bool HasDurableBeyond(ILogFile file, long end, long sequence, bool isChained)
    {
        // What a block holds may be anything, a log too: a torn one's bytes are not to be taken for blocks.
        Span<byte> bytes = stackalloc byte[BlockHeader.Size];
        long from = ReadUpTo(file, end, bytes) == bytes.Length && BlockHeader.TryRead(bytes, out BlockHeader missing)
            && missing.Sequence == sequence ? end + missing.Reach(isChained) : end;
        return Find(file, from, (at, header) => header.DurableBefore > sequence && header.Sequence > sequence
            && header.Sequence - sequence <= (at - end) / BlockHeader.Size) >= 0;
    }

    /// <summary>Reads bytes of a file until there are no more.</summary>
    /// <returns>How many there were.</returns>
    public static int ReadUpTo(ILogFile file, long offset, Span<byte> destination)
    {
        int count = 0;
        while (count < destination.Length)
        {
            int read = file.Read(offset + count, destination[count..]);
            if (read <= 0)
                break;
            count += read;
        }
        return count;
    }
}
