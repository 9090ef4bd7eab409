namespace Determinism.Log;

/// <summary>Finds where a log begins whose oldest part may have been dropped.</summary>
internal static class BeginningSearch
{
    /// <summary>What the last whole block that says so says; null if none does.</summary>
    /// <param name="storage">The log.</param>
    /// <param name="numbers">Numbers of its segments, ascending.</param>
    /// <param name="log">Its first segment's start.</param>
    /// <param name="coder">Gives contents back.</param>
    /// <exception cref="LogDamagedException">It says something that cannot be.</exception>
    /// <exception cref="DeterminismException">The log is encrypted, and its key is not there.</exception>
    public static LogBeginning? FindLast(ILogStorage storage, IReadOnlyList<int> numbers, in SegmentStart log, ContentCoder coder)
    {
        for (int index = numbers.Count - 1; index >= 0; index--)
        {
            using ILogFile file = storage.Open(SegmentWriter.NameOf(numbers[index]));
            if (FindLast(file, log, out BlockHeader header) is { } stored)
                return LogBeginning.Read(coder.Decode(header, stored, 0, ref new BlockBuffer().Scratch).Span, log.StreamCount, numbers[index]);
        }
        return null;
    }

    // From block to block, by their headers. What comes after one that is not whole, or out of its turn, is a torn tail or
    // damage, and told elsewhere.
    private static ReadOnlyMemory<byte>? FindLast(ILogFile file, in SegmentStart log, out BlockHeader last)
    {
        last = default;
        byte[]? found = null;
        long sequence = -1;
        long length = file.Length;
        Span<byte> bytes = stackalloc byte[BlockHeader.Size];
        for (long at = SegmentStart.Size; BlockSearch.ReadUpTo(file, at, bytes) == bytes.Length && BlockHeader.TryRead(bytes, out BlockHeader header);)
        {
            long next = at + header.Reach(log.IsChained);
            // A block in the clear is none of an encrypted log: whoever has no key could have put it there.
            bool isOfOtherSecrecy = ((header.Flags & BlockFlags.Encrypted) != 0) != log.IsEncrypted;
            if (next > length || (sequence >= 0 && header.Sequence != sequence) || isOfOtherSecrecy)
                break;
            sequence = header.Sequence + 1;
            if (header.Kind == BlockKind.Beginning)
            {
                var stored = new byte[header.StoredLength];
                if (BlockSearch.ReadUpTo(file, at + BlockHeader.Size, stored) != stored.Length || Crc32C.Compute(stored) != header.ContentChecksum)
                    break;
                (found, last) = (stored, header);
            }
            at = next;
        }
        return found is null ? (ReadOnlyMemory<byte>?)null : found;
    }
}
