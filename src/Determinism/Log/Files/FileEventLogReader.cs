namespace Determinism.Log;

/// <summary>Reads a log's folder: finds any event of any stream by the indexes, without reading the rest.</summary>
/// <remarks>
/// A block's checksums are verified when it is read. Safe for concurrent use, but for <see cref="Refresh"/>, which no other
/// call may run beside. A log that was not completed, or that is being written, ends for its reader with the last whole block
/// of what is there; <see cref="Tail"/> tells. Such a log may hold events whose causes are lost: <see cref="ClosedLog"/> gives
/// the part that can be replayed.
/// </remarks>
public sealed partial class FileEventLogReader : IEventLogReader, IRepeatedBlocks, IDroppedBeginning
{
    private readonly ILogStorage _storage;
    private readonly LogReadOptions _options;
    private readonly List<Segment> _segments = [];
    private readonly ContentCoder _coder;
    private readonly SegmentStart _start;
    private SegmentLayout _layout = null!;

    /// <summary>Opens a log.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="options">How it is read; the default reads logs in the clear.</param>
    /// <exception cref="IOException">There is no such folder, or it cannot be read.</exception>
    /// <exception cref="LogDamagedException">It is not a log, or its structure is damaged.</exception>
    /// <exception cref="DeterminismException">It is encrypted, its oldest part may have been dropped, and its secret is not there: where it
    /// begins cannot be read.</exception>
    public FileEventLogReader(string path, LogReadOptions? options = null)
        : this(FolderStorage.OpenExisting(path), options)
    {
    }

    /// <summary>Opens a log where the caller has it.</summary>
    /// <param name="storage">Where.</param>
    /// <param name="options">How it is read; the default reads logs in the clear.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="LogDamagedException">It is not a log, or its structure is damaged.</exception>
    /// <exception cref="DeterminismException">It is encrypted, its oldest part may have been dropped, and its secret is not there: where it
    /// begins cannot be read.</exception>
    public FileEventLogReader(ILogStorage storage, LogReadOptions? options = null)
    {
        _storage = Guard.NotNull(storage);
        _options = options ?? new LogReadOptions();
        // Before the segments are counted: of a log that is being written, a later manifest may know more of them.
        Manifest? manifest = ReadManifest();
        SegmentLayout.ThrowIfNone(storage);
        SegmentFile first = SegmentFile.Open(storage, 0, null);
        _start = first.Start;
        try
        {
            _coder = new ContentCoder(BlockCodec.None, _options.Keys?.DeriveEncryptionKey(_start.Identity));
            _layout = SegmentLayout.Find(storage, _start, _coder);
            FindSegments(first, manifest);
        }
        catch
        {
            first.Dispose();
            Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public int StreamCount => _start.StreamCount;

    /// <summary>The version of the log's format.</summary>
    public int FormatVersion => _start.Version;

    /// <summary>What tells this log from others; empty if it was written without.</summary>
    public Guid Identity => _start.Identity;

    /// <summary>Whether contents are encrypted.</summary>
    public bool IsEncrypted => _start.IsEncrypted;

    /// <summary>Whether blocks are linked by a keyed chain.</summary>
    public bool IsChained => _start.IsChained;

    /// <summary>Number of segments that are begun, and are kept.</summary>
    public int SegmentCount => _segments.Count;

    /// <inheritdoc />
    public bool IsComplete { get; private set; }

    /// <summary>Whether the log's oldest part was dropped: it begins at a checkpoint
    /// (<see cref="Checkpoints.LogCheckpoints.Start"/>), and streams at events greater than 1.</summary>
    public bool IsBeginningDropped => _layout.Beginning is not null;

    /// <summary>What the log ends with.</summary>
    public LogTail Tail { get; private set; } = null!;

    /// <inheritdoc />
    /// <remarks>The run is the caller's own copy.</remarks>
    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset) => ReadEvents(stream, offset, new BlockBuffer());

    /// <inheritdoc />
    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content)
    {
        bool isThere = TryFindBlock(kind, 0, out int segment, out IndexEntry entry);
        content = isThere ? ReadBlock(segment, entry) : default;
        return isThere;
    }

    /// <inheritdoc />
    public int CountBlocks(BlockKind kind)
    {
        int count = 0;
        for (int segment = 0; segment < _segments.Count; segment++)
        {
            foreach (IndexEntry entry in Load(segment).Others)
            {
                if (entry.Kind == kind)
                    count++;
            }
        }
        return count;
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadBlock(BlockKind kind, int index) =>
        index >= 0 && TryFindBlock(kind, index, out int segment, out IndexEntry entry)
            ? ReadBlock(segment, entry)
            : throw new ArgumentOutOfRangeException(nameof(index), index, "There are not so many.");

    /// <summary>A cursor at a stream's start.</summary>
    /// <param name="stream">The stream.</param>
    public EventCursor OpenStream(int stream) => SeekEvent(stream, 1);

    /// <summary>A cursor at an event, found by its number.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="number">The event's number, from 1; beyond the last one, the cursor is at the stream's end; of one that was
    /// dropped, at the first that is kept.</param>
    /// <exception cref="LogDamagedException">The block that should have it cannot be read.</exception>
    public EventCursor SeekEvent(int stream, ulong number)
    {
        CheckStream(stream);
        Guard.InRange(number > 0, number, nameof(number), "Events are numbered from 1.");
        EventCursor cursor = SeekBlock(stream, new SoughtPlace(SoughtBy.Event, number));
        while (cursor.Consumed + 1 < number && cursor.MoveToNext())
            cursor.Consume();
        return cursor;
    }

    /// <summary>A cursor at the first event at or after a point, found by its place.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="place"><see cref="PlaceKind.Count"/> or <see cref="PlaceKind.Exit"/>.</param>
    /// <param name="position">The clock's count, or the exit's ordinal.</param>
    /// <exception cref="LogDamagedException">The block that should have it cannot be read.</exception>
    public EventCursor SeekPoint(int stream, PlaceKind place, ulong position)
    {
        CheckStream(stream);
        Guard.InRange(place is PlaceKind.Count or PlaceKind.Exit, place, nameof(place), "By count, or by exit.");
        // Several events may be at one point: the block before the first that begins there may have the first of them.
        EventCursor cursor = SeekBlock(stream, new SoughtPlace(place == PlaceKind.Count ? SoughtBy.Count : SoughtBy.Exit, position));
        while (cursor.MoveToNext() && (cursor.Next.Place != place || cursor.Next.Position < position))
            cursor.Consume();
        return cursor;
    }

    /// <summary>What is known of every block up to <see cref="Tail"/>, in the order of the file. Reads the headers of all
    /// blocks.</summary>
    public IEnumerable<LogBlockInfo> ReadBlocks()
    {
        for (int index = 0; index < _segments.Count; index++)
        {
            var found = new List<LogBlockInfo>();
            int segment = _segments[index].Number;
            using SegmentFile file = SegmentFile.Open(_storage, segment, _segments[index].Starts);
            // Contents are not looked at here, and a header alone is no whole block: where the log ends is known.
            long end = segment == Tail.Segment ? Tail.Offset : long.MaxValue;
            string? problem = file.Walk(withContents: false, (offset, header) =>
            {
                if (offset < end)
                    found.Add(new LogBlockInfo(segment, offset, header));
            });
            foreach (LogBlockInfo block in found)
                yield return block;
            if (problem is not null && IsComplete)
                throw new LogDamagedException($"Segment {segment}: {problem}", file.GoodEnd);
        }
    }

    /// <summary>Looks for what has been written since; for logs that are followed while they are written.</summary>
    /// <returns>Whether there is anything new.</returns>
    /// <exception cref="LogDamagedException">What is new is damaged.</exception>
    public bool Refresh()
    {
        if (IsComplete)
            return false;
        LogTail before = Tail;
        _layout = SegmentLayout.Find(_storage, _start, _coder);
        ForgetDropped();
        FollowTail();
        return Tail != before;
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (Segment segment in _segments)
            segment.File?.Dispose();
        _coder?.Dispose();
    }

    internal ILogStorage Storage => _storage;

    LogBeginning? IDroppedBeginning.Beginning => _layout.Beginning;

    StreamBeginning IDroppedBeginning.BeginningOf(int stream)
    {
        StreamStart start = _layout.Beginning!.Starts[stream];
        // What there is of it begins there; of what is not, nobody needs the state.
        if (!TryFind(stream, new SoughtPlace(SoughtBy.Offset, (ulong)start.Offset), out int segment, out IndexEntry entry))
            return new StreamBeginning(start.NextEvent - 1, start.Offset, new StreamState(StreamCount));
        ReadEvents(segment, entry, new BlockBuffer(), out StreamState? state);
        return new StreamBeginning(start.NextEvent - 1, start.Offset, state ?? new StreamState(StreamCount));
    }

    internal ReadOnlyMemory<byte> ReadEvents(int stream, long offset, BlockBuffer buffer)
    {
        CheckStream(stream);
        Guard.InRange(offset >= 0, offset, nameof(offset), "Not negative.");
        if (!TryFind(stream, new SoughtPlace(SoughtBy.Offset, (ulong)offset), out int segment, out IndexEntry entry)
            || offset >= entry.StreamOffset + entry.EventBytes)
            return default;
        Guard.InRange(offset >= entry.StreamOffset, offset, nameof(offset), "That part of the log was dropped.");
        return ReadEvents(segment, entry, buffer, out _)[(int)(offset - entry.StreamOffset)..];
    }

    private bool TryFindBlock(BlockKind kind, int index, out int segment, out IndexEntry found)
    {
        for (segment = 0; segment < _segments.Count; segment++)
        {
            foreach (IndexEntry entry in Load(segment).Others)
            {
                found = entry;
                if (entry.Kind == kind && index-- == 0)
                    return true;
            }
        }
        found = default;
        return false;
    }

    private ReadOnlyMemory<byte> ReadBlock(int segment, in IndexEntry entry)
    {
        ReadOnlyMemory<byte> content = Load(segment).ReadBlock(entry.FileOffset, _coder, new BlockBuffer(), out BlockHeader header);
        return header.Kind == entry.Kind ? content : throw IndexIsWrong(segment, entry);
    }

    private LogDamagedException IndexIsWrong(int segment, in IndexEntry entry) =>
        new($"The index of segment {_segments[segment].Number} does not fit the block.", entry.FileOffset);

    private void CheckStream(int stream) =>
        Guard.InRange((uint)stream < (uint)StreamCount, stream, nameof(stream), "No such stream.");

    private EventCursor SeekBlock(int stream, SoughtPlace wanted)
    {
        if (!TryFind(stream, wanted, out int segment, out IndexEntry entry))
            return new EventCursor(this, stream, StreamCount);
        var buffer = new BlockBuffer();
        ReadOnlyMemory<byte> events = ReadEvents(segment, entry, buffer, out StreamState? state);
        return state is { } known
            ? new EventCursor(this, stream, known, entry.StreamOffset, entry.FirstEvent - 1, events, buffer)
            : throw new LogDamagedException("The stream is not of this library's events.", entry.FileOffset);
    }

    private ReadOnlyMemory<byte> ReadEvents(int segment, in IndexEntry entry, BlockBuffer buffer, out StreamState? state)
    {
        ReadOnlyMemory<byte> content = Load(segment).ReadBlock(entry.FileOffset, _coder, buffer, out BlockHeader header);
        if (IndexEntry.Of(entry.FileOffset, header) != entry)
            throw IndexIsWrong(segment, entry);
        state = null;
        if ((header.Flags & BlockFlags.Opaque) == 0)
        {
            if (!StreamState.TryRead(content.Span[..header.StateLength], buffer.Sources(StreamCount), out StreamState read, out int consumed)
                || consumed != header.StateLength)
                throw new LogDamagedException("The state that a block starts from is damaged.", entry.FileOffset);
            state = read;
        }
        return content[header.StateLength..];
    }

    // The last block of a stream that begins before what is wanted, or its first one.
    private bool TryFind(int stream, SoughtPlace wanted, out int segment, out IndexEntry entry)
    {
        for (segment = LastSegment(stream, wanted); segment >= 0; segment--)
        {
            IReadOnlyList<IndexEntry> blocks = Load(segment).EventBlocks(stream);
            if (blocks.Count == 0)
                continue;
            entry = blocks[Math.Max(0, wanted.LastOf(blocks))];
            return true;
        }
        // Nothing begins before it: the first one there is.
        for (segment = 0; segment < _segments.Count; segment++)
        {
            IReadOnlyList<IndexEntry> blocks = Load(segment).EventBlocks(stream);
            if (blocks.Count > 0)
            {
                entry = blocks[0];
                return true;
            }
        }
        entry = default;
        return false;
    }

    private int LastSegment(int stream, SoughtPlace wanted)
    {
        int low = -1;
        for (int high = _segments.Count; high - low > 1;)
        {
            int middle = (low + high) >>> 1;
            if (wanted.IsAfter(_segments[middle].Starts[stream]))
                low = middle;
            else
                high = middle;
        }
        return low;
    }
}
