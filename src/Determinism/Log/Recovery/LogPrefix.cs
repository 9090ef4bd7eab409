namespace Determinism.Log;

/// <summary>The blocks of a log before a number, as a log of its own: what is left where the rest cannot be trusted.</summary>
/// <remarks>The blocks must have been verified. Safe for concurrent use.</remarks>
internal sealed class LogPrefix : IEventLogReader, IRepeatedBlocks, IDroppedBeginning
{
    private static readonly IComparer<Place> s_byOffset = Comparer<Place>.Create(
        static (one, other) => one.Entry.StreamOffset.CompareTo(other.Entry.StreamOffset));

    private readonly List<SegmentFile> _segments = [];
    private readonly List<Place>[] _events;
    private readonly List<Place> _others = [];
    private readonly ContentCoder _coder;

    public LogPrefix(ILogStorage storage, LogKeys? keys, long endSequence)
    {
        SegmentFile segment = SegmentFile.Open(storage, 0, null);
        _segments.Add(segment);
        _events = new List<Place>[segment.Start.StreamCount];
        for (int stream = 0; stream < _events.Length; stream++)
            _events[stream] = [];
        _coder = new ContentCoder(BlockCodec.None, keys?.DeriveEncryptionKey(segment.Start.Identity));
        SegmentLayout layout = SegmentLayout.FindWhatIsThere(storage, segment.Start, _coder, out _);
        Beginning = layout.Beginning;
        while (true)
        {
            SegmentFile current = segment;
            segment.Walk(withContents: false, (offset, header) =>
            {
                // Of two blocks at one place in the stream, the one without events would hide the other.
                if (header.Sequence < endSequence && (header.Kind != BlockKind.Events || header.EventBytes > 0))
                    (header.Kind == BlockKind.Events ? _events[header.Stream] : _others).Add(new Place(current, IndexEntry.Of(offset, header)));
            });
            int index = _segments.Count;
            if (segment.NextSequence >= endSequence || index >= layout.Count)
                break;
            segment = SegmentFile.Open(storage, layout.NumberOf(index), layout.IsFirst(index) ? Beginning!.Starts : segment.Ends.ToArray());
            _segments.Add(segment);
        }
    }

    public int StreamCount => _events.Length;

    /// <summary>Whether it is the whole of a completed log.</summary>
    public bool IsComplete { get; init; }

    /// <summary>What tells the log from others that are encrypted or chained; null if it is neither.</summary>
    public Guid? SecretIdentity => _segments[0].Start is { } start && (start.IsEncrypted || start.IsChained) ? start.Identity : null;

    public LogBeginning? Beginning { get; }

    public StreamBeginning BeginningOf(int stream)
    {
        StreamStart start = Beginning!.Starts[stream];
        var state = new StreamState(StreamCount);
        if (_events[stream].Count > 0)
        {
            ReadOnlyMemory<byte> content = Read(_events[stream][0], out BlockHeader header);
            if (header.StateLength > 0)
                StreamState.TryRead(content.Span[..header.StateLength], StreamCount, out state, out _);
        }
        return new StreamBeginning(start.NextEvent - 1, start.Offset, state);
    }

    /// <summary>Bytes of a stream.</summary>
    public long LengthOf(int stream) =>
        _events[stream] is [.., { Entry: var last }] ? last.StreamOffset + last.EventBytes : 0;

    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset)
    {
        List<Place> blocks = _events[stream];
        int at = blocks.BinarySearch(new Place(null!, new IndexEntry { StreamOffset = offset }), s_byOffset);
        if (at < 0)
            at = ~at - 1;
        if (at < 0 || offset >= blocks[at].Entry.StreamOffset + blocks[at].Entry.EventBytes)
            return default;
        ReadOnlyMemory<byte> content = Read(blocks[at], out BlockHeader header);
        return content[(header.StateLength + (int)(offset - blocks[at].Entry.StreamOffset))..];
    }

    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content)
    {
        int at = _others.FindIndex(place => place.Entry.Kind == kind);
        content = at < 0 ? default : Read(_others[at], out _);
        return at >= 0;
    }

    public int CountBlocks(BlockKind kind) => _others.Count(place => place.Entry.Kind == kind);

    public ReadOnlyMemory<byte> ReadBlock(BlockKind kind, int index)
    {
        List<Place> places = _others.FindAll(place => place.Entry.Kind == kind);
        Guard.InRange((uint)index < (uint)places.Count, index, nameof(index), "There are not so many.");
        return Read(places[index], out _);
    }

    public void Dispose()
    {
        foreach (SegmentFile segment in _segments)
            segment.Dispose();
        _coder.Dispose();
    }

    private ReadOnlyMemory<byte> Read(Place place, out BlockHeader header) =>
        place.Segment.ReadBlock(place.Entry.FileOffset, _coder, new BlockBuffer(), out header);

    private readonly record struct Place(SegmentFile Segment, IndexEntry Entry);
}
