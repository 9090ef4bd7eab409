namespace Determinism.Log;

/// <summary>Reads a log file: finds its blocks when opened, checks each block's checksum when it is read.</summary>
public sealed class FileEventLogReader : IEventLogReader
{
    private readonly byte[] _content;
    private readonly List<Block>[] _streams;
    private readonly Dictionary<BlockKind, Block> _others = [];

    /// <summary>Opens a log file and finds its blocks.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LogDamagedException">It is not a log, or its structure is damaged.</exception>
    public FileEventLogReader(string path)
    {
        _content = File.ReadAllBytes(path);
        int magic = FileEventLog.Magic.Length;
        if (_content.Length < FileEventLog.StartBytes || !_content.AsSpan(0, magic).SequenceEqual(FileEventLog.Magic))
            throw new LogDamagedException("This is not a log.", 0);
        int streamCount = _content[magic];
        Span<byte> expected = stackalloc byte[FileEventLog.StartBytes];
        FileEventLog.WriteStart(expected, streamCount);
        if (streamCount is 0 or > 254 || !_content.AsSpan(0, FileEventLog.StartBytes).SequenceEqual(expected))
            throw new LogDamagedException("The log's first bytes are damaged.", magic);
        _streams = new List<Block>[streamCount];
        for (int stream = 0; stream < streamCount; stream++)
            _streams[stream] = [];
        FindBlocks(FileEventLog.StartBytes);
    }

    /// <inheritdoc />
    public int StreamCount => _streams.Length;

    /// <inheritdoc />
    public bool IsComplete => _others.ContainsKey(BlockKind.Trailer);

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset)
    {
        Guard.InRange((uint)stream < (uint)_streams.Length, stream, nameof(stream), "No such stream.");
        foreach (Block block in _streams[stream])
        {
            if (offset < block.StreamOffset + block.Header.Length)
                return Content(block)[(int)(offset - block.StreamOffset)..];
        }
        return default;
    }

    /// <inheritdoc />
    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content)
    {
        bool isThere = _others.TryGetValue(kind, out Block? block);
        content = isThere ? Content(block!) : default;
        return isThere;
    }

    /// <summary>Nothing is held open.</summary>
    public void Dispose()
    {
    }

    private void FindBlocks(int position)
    {
        var lengths = new long[_streams.Length];
        while (position < _content.Length)
        {
            ReadOnlySpan<byte> rest = _content.AsSpan(position);
            if (rest.Length < BlockHeader.Size || !BlockHeader.TryRead(rest, out BlockHeader header))
                throw new LogDamagedException("A block's header is damaged.", position);
            if (header.Length > rest.Length - BlockHeader.Size)
                throw new LogDamagedException("A block is cut off.", position);
            if (header.Kind != BlockKind.Events)
            {
                if (!_others.ContainsKey(header.Kind))
                    _others.Add(header.Kind, new Block(header, position + BlockHeader.Size, 0));
            }
            else if (header.Stream >= _streams.Length)
            {
                throw new LogDamagedException("A block names a stream that is not there.", position);
            }
            else
            {
                _streams[header.Stream].Add(new Block(header, position + BlockHeader.Size, lengths[header.Stream]));
                lengths[header.Stream] += header.Length;
            }
            position += BlockHeader.Size + header.Length;
        }
    }

    private ReadOnlyMemory<byte> Content(Block block)
    {
        ReadOnlyMemory<byte> content = _content.AsMemory(block.FileOffset, block.Header.Length);
        if (Crc32C.Compute(content.Span) != block.Header.Checksum)
            throw new LogDamagedException("A block's content is damaged.", block.FileOffset);
        return content;
    }

    private sealed record Block(BlockHeader Header, int FileOffset, long StreamOffset);
}
