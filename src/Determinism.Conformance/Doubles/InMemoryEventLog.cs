namespace Determinism.Conformance;

/// <summary>A log in lists, written and read back: the simplest that passes the specification. Thread-safe.</summary>
public sealed class InMemoryEventLog : IEventLog, IEventLogReader
{
    private readonly object _lock = new();
    private readonly List<byte>[] _streams;
    private readonly Dictionary<BlockKind, byte[]> _blocks = [];
    private bool _isClosed;

    /// <summary>Creates an empty log.</summary>
    /// <param name="streamCount">Number of streams, at least 1.</param>
    public InMemoryEventLog(int streamCount)
    {
        if (streamCount < 1)
            throw new ArgumentOutOfRangeException(nameof(streamCount), streamCount, "At least one stream.");
        _streams = [.. Enumerable.Range(0, streamCount).Select(_ => new List<byte>())];
    }

    /// <inheritdoc cref="IEventLog.StreamCount" />
    public int StreamCount => _streams.Length;

    /// <inheritdoc />
    public bool IsComplete { get; private set; }

    /// <inheritdoc />
    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            List<byte> bytes = Stream(stream);
            foreach (byte one in encoded)
                bytes.Add(one);
            return new LogPosition(stream, bytes.Count);
        }
    }

    /// <inheritdoc />
    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
        if (kind is BlockKind.None or BlockKind.Events)
            throw new ArgumentException("Events go through Append.", nameof(kind));
        lock (_lock)
        {
            ThrowIfClosed();
            if (!_blocks.ContainsKey(kind))
                _blocks.Add(kind, content.ToArray());
        }
    }

    /// <inheritdoc />
    public void WaitForCommit(LogPosition position)
    {
    }

    /// <inheritdoc />
    public void Complete()
    {
        lock (_lock)
        {
            IsComplete = IsComplete || !_isClosed;
            _isClosed = true;
        }
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset)
    {
        lock (_lock)
        {
            List<byte> bytes = Stream(stream);
            return bytes.GetRange((int)offset, bytes.Count - (int)offset).ToArray();
        }
    }

    /// <inheritdoc />
    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content)
    {
        lock (_lock)
        {
            bool isThere = _blocks.TryGetValue(kind, out byte[]? bytes);
            content = bytes;
            return isThere;
        }
    }

    /// <summary>Ends the appending; what is there can still be read.</summary>
    public void Dispose()
    {
        lock (_lock)
            _isClosed = true;
    }

    private List<byte> Stream(int stream) => (uint)stream < (uint)_streams.Length
        ? _streams[stream]
        : throw new ArgumentOutOfRangeException(nameof(stream), stream, "No such stream.");

    private void ThrowIfClosed() => _ = _isClosed ? throw new ObjectDisposedException(nameof(InMemoryEventLog)) : 0;
}
