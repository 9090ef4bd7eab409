namespace Determinism.Conformance.Tests;

/// <summary>Mistakes that a log's author could make.</summary>
public enum LogFlaw
{
    NeverCompletes,
    DropsNowAndThen,
    MixesStreams,
    CutsRunsAnywhere,
    CountsAllStreamsTogether,
    ReusesItsBuffer,
    DropsLargeEvents,
    KeepsTheLastBlock,
    TakesEventsForBlocks,
    WrapsStreams,
    AppendsAfterTheEnd,
    EndsOnce,
    CompletesOnDispose,
    WritesAtTheEndOnly,
    MixesConcurrentWriters,
    BelongsToOneThread,
    MixesConcurrentReaders,
    IgnoresOffsets,
    Allocates,
}

/// <summary>The simplest log with one mistake around it.</summary>
internal sealed class BrokenLog(LogFlaw flaw, int streamCount) : IEventLog, IEventLogReader
{
    private readonly InMemoryEventLog _inner = new(streamCount);
    private readonly List<Action> _held = [];
    private readonly Dictionary<BlockKind, byte[]> _lastBlocks = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private InMemoryEventLog? _after;
    private int _appends;
    private long _total;
    private int _current;
    private bool _hasEnded;
    private byte[] _buffer = [];

    public int StreamCount => _inner.StreamCount;

    public bool IsComplete => flaw != LogFlaw.NeverCompletes && _inner.IsComplete;

    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        _appends++;
        byte[] bytes = encoded.ToArray();
        switch (flaw)
        {
            case LogFlaw.DropsNowAndThen when _appends % 1000 == 0:
            case LogFlaw.DropsLargeEvents when bytes.Length > 65536:
                return new LogPosition(stream, 0);
            case LogFlaw.MixesStreams when _appends % 100 == 0:
                stream = 0;
                break;
            case LogFlaw.WrapsStreams:
                stream = Math.Abs(stream) % StreamCount;
                break;
            case LogFlaw.AppendsAfterTheEnd when _hasEnded:
                return (_after ??= new InMemoryEventLog(StreamCount)).Append(stream, bytes);
            case LogFlaw.WritesAtTheEndOnly:
                _held.Add(() => _inner.Append(stream, bytes));
                return new LogPosition(stream, _total += bytes.Length);
            case LogFlaw.MixesConcurrentWriters:
                _current = stream;
                Thread.Yield();
                stream = _current;
                break;
            case LogFlaw.BelongsToOneThread when Environment.CurrentManagedThreadId != _thread:
                throw new InvalidOperationException("Another thread.");
        }
        LogPosition position = _inner.Append(stream, bytes);
        _total += bytes.Length;
        return flaw == LogFlaw.CountsAllStreamsTogether ? new LogPosition(stream, _total) : position;
    }

    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
        if (flaw == LogFlaw.TakesEventsForBlocks && kind is BlockKind.Events or BlockKind.None)
            return;
        if (flaw == LogFlaw.AppendsAfterTheEnd && _hasEnded)
            return;
        _inner.AppendBlock(kind, content);
        _lastBlocks[kind] = content.ToArray();
    }

    public void WaitForCommit(LogPosition position)
    {
    }

    public void Complete()
    {
        if (flaw == LogFlaw.EndsOnce && _hasEnded)
            throw new InvalidOperationException("It has ended.");
        foreach (Action append in _held)
            append();
        _held.Clear();
        _hasEnded = true;
        _inner.Complete();
    }

    public void Dispose()
    {
        if (flaw == LogFlaw.CompletesOnDispose)
            _inner.Complete();
        _inner.Dispose();
    }

    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset)
    {
        if (flaw == LogFlaw.WrapsStreams)
            stream %= StreamCount;
        if (flaw == LogFlaw.IgnoresOffsets)
            offset = 0;
        if (flaw == LogFlaw.MixesConcurrentReaders)
        {
            _current = stream;
            Thread.Sleep(1);
            stream = _current;
        }
        ReadOnlyMemory<byte> run = (flaw == LogFlaw.AppendsAfterTheEnd && _after is { } after ? after : _inner)
            .ReadEvents(stream, offset);
        if (flaw == LogFlaw.CutsRunsAnywhere)
            return run[..Math.Min(run.Length, 4096)];
        if (flaw != LogFlaw.ReusesItsBuffer)
            return run;
        if (_buffer.Length < run.Length)
            _buffer = new byte[1 << 20];
        run.CopyTo(_buffer);
        return _buffer.AsMemory(0, run.Length);
    }

    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content)
    {
        bool isThere = _inner.TryReadBlock(kind, out content);
        if (isThere && flaw == LogFlaw.KeepsTheLastBlock)
            content = _lastBlocks[kind];
        return isThere;
    }
}
