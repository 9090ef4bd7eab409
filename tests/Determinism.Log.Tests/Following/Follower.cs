namespace Determinism.Log.Tests.Following;

/// <summary>Reads all that is new, again and again.</summary>
internal sealed class Follower : IDisposable
{
    private readonly FileEventLogReader _reader;
    private readonly EventCursor[] _cursors;
    private readonly MemoryEventLog _read;

    public Follower(ILogStorage storage)
    {
        _reader = new FileEventLogReader(storage);
        _cursors = [.. Enumerable.Range(0, _reader.StreamCount).Select(_reader.OpenStream)];
        _read = new MemoryEventLog(_reader.StreamCount);
    }

    public bool IsAtEnd => _reader.IsComplete;

    public LogTail Tail => _reader.Tail;

    /// <summary>What has been read so far.</summary>
    public MemoryEventLog Read => _read;

    public int Events => _cursors.Sum(static cursor => (int)cursor.Consumed);

    /// <returns>Whether there was anything new.</returns>
    public bool GoOn()
    {
        bool isNew = _reader.Refresh();
        foreach (EventCursor cursor in _cursors)
        {
            // Decoded one by one, and compared as bytes.
            long from = cursor.Offset;
            for (; cursor.MoveToNext(); cursor.Consume())
            {
            }
            for (ReadOnlyMemory<byte> run; from < cursor.Offset; from += run.Length)
            {
                run = _reader.ReadEvents(cursor.Stream, from);
                Assert.False(run.IsEmpty);
                _read.Append(cursor.Stream, run.Span);
            }
        }
        return isNew;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _read.Dispose();
    }
}
