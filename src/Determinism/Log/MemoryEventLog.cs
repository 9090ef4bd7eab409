namespace Determinism.Log;

/// <summary>A log in memory: written, then read back any number of times.</summary>
public sealed class MemoryEventLog : IEventLog, IEventLogReader, IRepeatedBlocks
{
    private readonly StreamBuffer[] _streams;
    private readonly Dictionary<BlockKind, List<byte[]>> _blocks = [];
    private volatile bool _isClosed;
    private volatile bool _isComplete;

    /// <summary>Creates an empty log.</summary>
    /// <param name="streamCount">Number of agents.</param>
    public MemoryEventLog(int streamCount)
    {
        Guard.InRange(streamCount is > 0 and <= 254, streamCount, nameof(streamCount), "Between 1 and 254 streams.");
        _streams = new StreamBuffer[streamCount];
        for (int stream = 0; stream < streamCount; stream++)
            _streams[stream] = new StreamBuffer();
    }

    /// <inheritdoc cref="IEventLog.StreamCount" />
    public int StreamCount => _streams.Length;

    /// <inheritdoc />
    public bool IsComplete => _isComplete;

    /// <summary>Bytes of events in all streams.</summary>
    public long EventBytes
    {
        get
        {
            long sum = 0;
            foreach (StreamBuffer stream in _streams)
                sum += stream.Length;
            return sum;
        }
    }

    /// <inheritdoc />
    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        Guard.InRange((uint)stream < (uint)_streams.Length, stream, nameof(stream), "No such stream.");
        Guard.NotDisposed(_isClosed, this);
        return new LogPosition(stream, _streams[stream].Append(encoded));
    }

    /// <inheritdoc />
    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
        if (kind is BlockKind.None or BlockKind.Events)
            throw new ArgumentException("Events go through Append.", nameof(kind));
        Guard.NotDisposed(_isClosed, this);
        lock (_blocks)
        {
            if (!_blocks.TryGetValue(kind, out List<byte[]>? blocks))
                _blocks.Add(kind, blocks = []);
            blocks.Add(content.ToArray());
        }
    }

    /// <summary>Returns at once: memory is as durable as it gets.</summary>
    /// <param name="position">Ignored.</param>
    public void WaitForCommit(LogPosition position)
    {
    }

    /// <inheritdoc />
    public void Complete()
    {
        lock (_blocks)
        {
            _isComplete = _isComplete || !_isClosed;
            _isClosed = true;
        }
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset)
    {
        Guard.InRange((uint)stream < (uint)_streams.Length, stream, nameof(stream), "No such stream.");
        return _streams[stream].Read(offset);
    }

    /// <inheritdoc />
    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content)
    {
        lock (_blocks)
        {
            bool isThere = _blocks.TryGetValue(kind, out List<byte[]>? blocks);
            content = isThere ? blocks![0] : default;
            return isThere;
        }
    }

    /// <inheritdoc />
    public int CountBlocks(BlockKind kind)
    {
        lock (_blocks)
            return _blocks.TryGetValue(kind, out List<byte[]>? blocks) ? blocks.Count : 0;
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadBlock(BlockKind kind, int index)
    {
        lock (_blocks)
        {
            Guard.InRange((uint)index < (uint)CountBlocks(kind), index, nameof(index), "There are not so many.");
            return _blocks[kind][index];
        }
    }

    /// <summary>Ends the appending. What is there can still be read; it is complete only if <see cref="Complete"/> came
    /// first.</summary>
    public void Dispose()
    {
        lock (_blocks)
            _isClosed = true;
    }
}
