using System.Globalization;

namespace Determinism.Log;

/// <summary>Writes blocks one after the other into segments, and the manifest beside them.</summary>
/// <remarks>One thread at a time; that of <see cref="FileEventLog"/>. After a failure nothing may be called but
/// <see cref="Dispose"/>.</remarks>
internal sealed partial class SegmentWriter : IDisposable
{
    private readonly ILogStorage _storage;
    private readonly LogWriteOptions _options;
    private readonly StreamIndexer[] _streams;
    private readonly ContentCoder _coder;
    private readonly BlockChain? _chain;
    private readonly Manifest _manifest;
    private readonly List<IndexEntry> _index = [];
    private readonly byte[] _state;
    private StreamStart[] _starts;
    private byte[] _link = new byte[BlockChain.LinkBytes];
    private ScratchPair _scratch;
    private ScratchPair _content;
    private ILogFile? _file;
    private long _length;
    private long _firstSequence;
    private long _sequence;
    private long _durableBefore;

    public SegmentWriter(ILogStorage storage, int streamCount, LogWriteOptions options)
    {
        _storage = storage;
        _options = options;
        _streams = new StreamIndexer[streamCount];
        for (int stream = 0; stream < streamCount; stream++)
            _streams[stream] = new StreamIndexer(streamCount);
        _starts = MarkStarts();
        _state = new byte[StreamState.MaximumBytes(streamCount)];
        _coder = new ContentCoder(options.Compression, options.Keys?.DeriveEncryptionKey(options.Identity));
        _chain = options.Keys?.DeriveChainKey(options.Identity) is { } key ? new BlockChain(key) : null;
        _manifest = new Manifest(options.Identity, streamCount);
        try
        {
            OpenSegment();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Name of the segment of a number.</summary>
    public static string NameOf(int segment) => segment.ToString("D6", CultureInfo.InvariantCulture) + ".detlog";

    /// <summary>Writes events of one stream as one block.</summary>
    public void WriteEvents(int stream, ReadOnlySpan<byte> events)
    {
        CloseBaseBefore(BlockKind.Events);
        StreamIndexer indexer = _streams[stream];
        int stateLength = indexer.IsOpaque ? 0 : indexer.State.WriteTo(_state);
        BlockExtent extent = indexer.Pass(events, out int count);
        bool isOpaque = indexer.IsOpaque;
        if (isOpaque)
            stateLength = 0;

        // The state goes first, so that this block can be read without those before it.
        Span<byte> plain = _content.First(stateLength + events.Length);
        _state.AsSpan(0, stateLength).CopyTo(plain);
        events.CopyTo(plain[stateLength..]);
        var header = new BlockHeader
        {
            Kind = BlockKind.Events, Stream = (byte)stream, Extent = extent, EventCount = count, StateLength = stateLength,
            Flags = isOpaque ? BlockFlags.Opaque : BlockFlags.None,
        };
        Write(header, plain);
        RotateIfFull();
    }

    /// <summary>Writes a block that is not of events.</summary>
    public void WriteBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
        CloseBaseBefore(kind);
        Write(new BlockHeader { Kind = kind }, content);
        RotateIfFull();
    }

    /// <summary>Makes all that was written durable.</summary>
    public void Sync()
    {
        if (_durableBefore == _sequence)
            return;
        _file!.Sync();
        _durableBefore = _sequence;
    }

    /// <summary>Ends the log.</summary>
    public void Finish()
    {
        // What each stream comes to, so that a reader knows the ends without looking for them.
        var content = new byte[_streams.Length * 2 * sizeof(ulong)];
        for (int stream = 0; stream < _streams.Length; stream++)
        {
            Span<byte> place = content.AsSpan(stream * 2 * sizeof(ulong));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(place, _streams[stream].Events);
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(place[sizeof(ulong)..], _streams[stream].Offset);
        }
        Write(new BlockHeader { Kind = BlockKind.Trailer }, content);
        _manifest.IsComplete = true;
        CloseSegment();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _coder.Dispose();
        _chain?.Dispose();
    }

    private void Write(BlockHeader header, ReadOnlySpan<byte> plain)
    {
        header.Sequence = _sequence;
        header.DurableBefore = _durableBefore;
        ReadOnlySpan<byte> stored = _coder.Encode(ref header, plain, ref _scratch);
        header.ContentChecksum = Crc32C.Compute(stored);
        Span<byte> start = stackalloc byte[BlockHeader.Size];
        header.WriteTo(start);
        header.Seal(start);
        _index.Add(IndexEntry.Of(_length, header));

        Span<byte> tail = stackalloc byte[BlockChain.LinkBytes + BlockHeader.Alignment];
        tail.Clear();
        _chain?.Extend(start, stored).CopyTo(tail);
        Append(start);
        Append(stored);
        Append(tail[..(int)(header.Reach(_chain is not null) - BlockHeader.Size - stored.Length)]);
        _sequence++;
    }

    private void RotateIfFull()
    {
        if (_length < _options.SegmentBytes)
            return;
        Rotate();
    }

    private void Rotate()
    {
        CloseSegment();
        OpenSegment();
    }

    private void OpenSegment()
    {
        var start = new SegmentStart(_options.DropsOldest ? LogHeader.NewestVersion : LogHeader.CurrentVersion, _streams.Length,
            _manifest.NextNumber, _options.Identity, _sequence, _chain is not null, _options.Keys?.CanDecrypt ?? false);
        _link = _chain?.Last ?? _link;
        Span<byte> bytes = stackalloc byte[SegmentStart.Size];
        start.WriteTo(bytes);
        _chain?.Extend(bytes);
        _file = _storage.Create(NameOf(start.Number));
        _length = 0;
        _firstSequence = _sequence;
        _starts = MarkStarts();
        _index.Clear();
        Append(bytes);
        // A reader of a damaged log must never find a later segment where an earlier one has no name yet.
        _file!.Sync();
        _storage.SyncNames();
    }

    private void CloseSegment()
    {
        long indexOffset = _length;
        var content = new byte[_index.Count * IndexEntry.Size];
        for (int entry = 0; entry < _index.Count; entry++)
            _index[entry].WriteTo(content.AsSpan(entry * IndexEntry.Size));
        Write(new BlockHeader { Kind = BlockKind.Index }, content);
        Span<byte> end = stackalloc byte[SegmentEnd.Size];
        new SegmentEnd(indexOffset, _sequence).WriteTo(end);
        Append(end);
        _file!.Sync();
        _durableBefore = _sequence;
        _file!.Dispose();
        _manifest.Segments.Add(new Manifest.ClosedSegment(_length, _firstSequence, _sequence, _starts));
        _links.Add(_link);
        ReplaceManifest();
        Closed?.Invoke();
    }

    // A new file in place of the old one: whoever reads sees one or the other, and so does a reader after a crash.
    private void ReplaceManifest()
    {
        using (ILogFile file = _storage.Create(Manifest.NewName))
        {
            Append(file, _manifest.ToBytes());
            file.Sync();
        }
        _storage.Rename(Manifest.NewName, Manifest.Name);
        _storage.SyncNames();
    }

    private StreamStart[] MarkStarts() => Array.ConvertAll(_streams, static stream => stream.Start);

    private void Append(ReadOnlySpan<byte> data)
    {
        Append(_file!, data);
        _length += data.Length;
        Volatile.Write(ref _written, _written + data.Length);
    }

    private static void Append(ILogFile file, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int taken = file.Write(data);
            if (taken <= 0 || taken > data.Length)
                throw new IOException("The file takes no more bytes.");
            data = data[taken..];
        }
    }
}
