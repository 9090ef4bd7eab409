namespace Determinism.Log;

/// <summary>One segment, to read: its blocks by their index, or, where it has none yet, by walking over them.</summary>
/// <remarks>Reading blocks is safe for concurrent use; opening and walking is for one thread at a time.</remarks>
internal sealed class SegmentFile : IDisposable
{
    private readonly ILogFile _file;
    private readonly List<IndexEntry>[] _events;
    private readonly List<IndexEntry> _others = [];
    private readonly StreamStart[] _ends;

    private SegmentFile(ILogFile file, SegmentStart start, StreamStart[] starts)
    {
        _file = file;
        Start = start;
        _ends = [.. starts];
        _events = new List<IndexEntry>[start.StreamCount];
        for (int stream = 0; stream < start.StreamCount; stream++)
            _events[stream] = [];
        GoodEnd = SegmentStart.Size;
        NextSequence = start.FirstSequence;
    }

    public SegmentStart Start { get; }

    /// <summary>Whether the segment says itself that it ends here.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Where the last good block ends, or the file.</summary>
    public long GoodEnd { get; private set; }

    /// <summary>Number of the block after those found.</summary>
    public long NextSequence { get; private set; }

    public long Length => _file.Length;

    /// <summary>Where the streams stand after what has been found; by an index, only their bytes are known.</summary>
    public ReadOnlySpan<StreamStart> Ends => _ends;

    public IReadOnlyList<IndexEntry> Others => _others;

    public IReadOnlyList<IndexEntry> EventBlocks(int stream) => _events[stream];

    /// <summary>Opens a segment; nothing is known of its blocks yet.</summary>
    /// <param name="storage">Where.</param>
    /// <param name="number">Its number.</param>
    /// <param name="starts">Where the streams stand; null for their beginnings.</param>
    /// <exception cref="LogDamagedException">It is no segment of that number.</exception>
    public static SegmentFile Open(ILogStorage storage, int number, StreamStart[]? starts)
    {
        ILogFile file = storage.Open(SegmentWriter.NameOf(number));
        try
        {
            Span<byte> bytes = stackalloc byte[SegmentStart.Size];
            int length = BlockSearch.ReadUpTo(file, 0, bytes);
            SegmentStart start = SegmentStart.Read(bytes[..length]);
            if (start.Number != number)
                throw new LogDamagedException($"Segment {number} says that it is segment {start.Number}.", 12);
            if (starts is not null && starts.Length != start.StreamCount)
                throw new LogDamagedException($"Segment {number} has another number of streams than the others.", 10);
            return new SegmentFile(file, start, starts ?? InitialStarts(start.StreamCount));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether a log's last segment is a name and nothing more yet: before its start is durable, nothing else is
    /// written into it.</summary>
    public static bool IsNotBegun(ILogStorage storage, int number, out long length)
    {
        using ILogFile file = storage.Open(SegmentWriter.NameOf(number));
        Span<byte> bytes = stackalloc byte[SegmentStart.Size];
        length = file.Length;
        return length <= SegmentStart.Size
            && (BlockSearch.ReadUpTo(file, 0, bytes) < SegmentStart.Size || !SegmentStart.IsWhole(bytes));
    }

    public static StreamStart[] InitialStarts(int streamCount)
    {
        var starts = new StreamStart[streamCount];
        for (int stream = 0; stream < streamCount; stream++)
            starts[stream] = new StreamStart(1, 0, 0, 0);
        return starts;
    }

    /// <summary>Finds the blocks by the index, without walking.</summary>
    /// <exception cref="LogDamagedException">There is none, or it cannot be right.</exception>
    public void ReadIndex(ContentCoder coder)
    {
        long length = _file.Length;
        Span<byte> bytes = stackalloc byte[SegmentEnd.Size];
        if (length < SegmentStart.Size + SegmentEnd.Size
            || BlockSearch.ReadUpTo(_file, length - SegmentEnd.Size, bytes) != SegmentEnd.Size
            || !SegmentEnd.TryRead(bytes, out SegmentEnd end) || end.IndexOffset > length - SegmentEnd.Size)
            throw new LogDamagedException($"Segment {Start.Number} has no end.", length);
        ReadOnlySpan<byte> content = ReadBlock(end.IndexOffset, coder, new BlockBuffer(), out BlockHeader header).Span;
        if (header.Kind != BlockKind.Index || content.Length % IndexEntry.Size != 0)
            throw new LogDamagedException($"Segment {Start.Number} has no index where it should be.", end.IndexOffset);
        long before = SegmentStart.Size - 1;
        for (; !content.IsEmpty; content = content[IndexEntry.Size..])
        {
            IndexEntry entry = IndexEntry.Read(content);
            if (entry.FileOffset <= before || entry.FileOffset >= end.IndexOffset || !TryAdd(entry))
                throw new LogDamagedException($"The index of segment {Start.Number} is wrong.", end.IndexOffset);
            before = entry.FileOffset;
        }
        GoodEnd = length;
        NextSequence = end.EndSequence;
        IsClosed = true;
    }

    /// <summary>Goes on from the last block found to the first that is not good, or to the segment's end.</summary>
    /// <param name="withContents">Whether to check contents too.</param>
    /// <param name="visit">Sees each block found.</param>
    /// <returns>Why it stopped; null for the end of a closed segment or of the file.</returns>
    public string? Walk(bool withContents, Action<long, BlockHeader>? visit = null)
    {
        var buffer = new BlockBuffer();
        Span<byte> bytes = stackalloc byte[BlockHeader.Size];
        while (!IsClosed)
        {
            long length = _file.Length;
            if (GoodEnd >= length)
                return null;
            if (BlockSearch.ReadUpTo(_file, GoodEnd, bytes) != BlockHeader.Size || !BlockHeader.TryRead(bytes, out BlockHeader header))
                return "A block's header is damaged.";
            if (IsOfOtherSecrecy(header))
                return "A block is in the clear, or encrypted, and its segment is not.";
            if (header.Sequence != NextSequence)
                return $"Block {NextSequence} is missing.";
            long next = GoodEnd + header.Reach(Start.IsChained);
            if (next > length)
                return "A block is cut off.";
            if (header.Stream >= _events.Length)
                return "A block names a stream that is not there.";
            if (withContents && !HasRightContent(header, buffer))
                return "A block's content is damaged.";
            if (header.Kind == BlockKind.Index)
            {
                if (length < next + SegmentEnd.Size)
                    return "The segment's end is cut off.";
                Span<byte> endBytes = stackalloc byte[SegmentEnd.Size];
                if (BlockSearch.ReadUpTo(_file, next, endBytes) != SegmentEnd.Size || !SegmentEnd.TryRead(endBytes, out SegmentEnd end)
                    || end.IndexOffset != GoodEnd || end.EndSequence != NextSequence + 1)
                    return "The segment's end is damaged.";
                visit?.Invoke(GoodEnd, header);
                GoodEnd = next + SegmentEnd.Size;
                NextSequence++;
                IsClosed = true;
                return GoodEnd == length ? null : "There is something after the segment's end.";
            }
            if (header.Kind == BlockKind.Events && header.Extent.FirstEvent != _ends[header.Stream].NextEvent
                || !TryAdd(IndexEntry.Of(GoodEnd, header)))
                return "A block does not go on where its stream stands.";
            if (header.Kind == BlockKind.Events)
                _ends[header.Stream] = new StreamStart(header.Extent.FirstEvent + (ulong)header.EventCount,
                    _ends[header.Stream].Offset, header.Extent.LastCount, header.Extent.LastExit);
            visit?.Invoke(GoodEnd, header);
            GoodEnd = next;
            NextSequence++;
        }
        return null;
    }

    /// <summary>Whether there is, after the last good block, a later one that was written when that one's successor was
    /// durable already: then what is missing is no torn tail, but damage.</summary>
    public bool HasDurableBlockBeyond() =>
        BlockSearch.HasDurableBeyond(_file, GoodEnd, NextSequence, Start.IsChained);

    /// <summary>Reads one block.</summary>
    /// <param name="offset">Where it starts.</param>
    /// <param name="coder">Decompresses and decrypts.</param>
    /// <param name="buffer">What the content is in; valid until it is used again.</param>
    /// <param name="header">Its header.</param>
    /// <exception cref="LogDamagedException">It is not what was written.</exception>
    public ReadOnlyMemory<byte> ReadBlock(long offset, ContentCoder coder, BlockBuffer buffer, out BlockHeader header)
    {
        ReadOnlyMemory<byte> stored = ReadStored(offset, buffer, out header);
        return coder.Decode(header, stored, offset, ref buffer.Scratch);
    }

    /// <summary>Reads a block's content as it stands in the file, and checks its checksum.</summary>
    /// <exception cref="LogDamagedException">It is not what was written.</exception>
    public ReadOnlyMemory<byte> ReadStored(long offset, BlockBuffer buffer, out BlockHeader header)
    {
        Span<byte> bytes = stackalloc byte[BlockHeader.Size];
        if (BlockSearch.ReadUpTo(_file, offset, bytes) != BlockHeader.Size || !BlockHeader.TryRead(bytes, out header))
            throw new LogDamagedException($"A block's header in segment {Start.Number} is damaged.", offset);
        if (IsOfOtherSecrecy(header))
            throw new LogDamagedException($"A block in segment {Start.Number} is in the clear, or encrypted, and its segment is not.", offset);
        if (header.StoredLength > _file.Length - offset - BlockHeader.Size)
            throw new LogDamagedException($"A block in segment {Start.Number} is cut off.", offset);
        Memory<byte> stored = buffer.Stored(header.StoredLength);
        if (BlockSearch.ReadUpTo(_file, offset + BlockHeader.Size, stored.Span) != stored.Length
            || Crc32C.Compute(stored.Span) != header.ContentChecksum)
            throw new LogDamagedException($"A block's content in segment {Start.Number} is damaged.", offset);
        return stored;
    }

    /// <summary>Reads raw bytes.</summary>
    /// <returns>How many there were.</returns>
    public int ReadBytes(long offset, Span<byte> destination) => BlockSearch.ReadUpTo(_file, offset, destination);

    public void Dispose() => _file.Dispose();

    // Else whoever has no key could put a block of his own in an encrypted block's place.
    private bool IsOfOtherSecrecy(in BlockHeader header) => ((header.Flags & BlockFlags.Encrypted) != 0) != Start.IsEncrypted;

    private bool HasRightContent(in BlockHeader header, BlockBuffer buffer)
    {
        Memory<byte> stored = buffer.Stored(header.StoredLength);
        return BlockSearch.ReadUpTo(_file, GoodEnd + BlockHeader.Size, stored.Span) == stored.Length
            && Crc32C.Compute(stored.Span) == header.ContentChecksum;
    }

    // What goes on where its stream stands, and in this order only: whoever finds a block by its place relies on it.
    private bool TryAdd(in IndexEntry entry)
    {
        if (entry.Kind != BlockKind.Events)
        {
            _others.Add(entry);
            return true;
        }
        if (entry.Stream >= _events.Length)
            return false;
        ref StreamStart end = ref _ends[entry.Stream];
        List<IndexEntry> blocks = _events[entry.Stream];
        if (entry.StreamOffset != end.Offset || entry.EventBytes < 0 || entry.EventBytes > long.MaxValue - end.Offset
            || (blocks.Count == 0 ? entry.FirstEvent != end.NextEvent : entry.FirstEvent < end.NextEvent))
            return false;
        blocks.Add(entry);
        end = new StreamStart(entry.FirstEvent, end.Offset + entry.EventBytes, entry.FirstCount, entry.FirstExit);
        return true;
    }
}
