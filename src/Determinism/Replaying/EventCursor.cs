using Determinism.Log;

namespace Determinism.Replaying;

/// <summary>Reads one stream, one event ahead.</summary>
internal sealed class EventCursor(IEventLogReader reader, int stream, int agentCount)
{
    private readonly EventDecoder _decoder = new(agentCount);
    private ReadOnlyMemory<byte> _run;
    private long _offset;
    private int _consumed;
    private int _bytesAt;
    private int _bytesLength;
    private StreamEvent _next;
    private bool _hasNext;

    /// <summary>Events consumed.</summary>
    public ulong Consumed { get; private set; }

    /// <summary>The next event; valid while <see cref="MoveToNext"/> is true.</summary>
    public ref readonly StreamEvent Next => ref _next;

    public ReadOnlySpan<OrderingConstraint> Constraints => _decoder.Constraints;

    public ReadOnlySpan<byte> Bytes => _run.Span.Slice(_bytesAt, _bytesLength);

    /// <summary>Makes the next event available; false at the end of the stream.</summary>
    /// <exception cref="LogDamagedException">The bytes there are not an event.</exception>
    public bool MoveToNext()
    {
        if (_hasNext)
            return true;
        if (_consumed == _run.Length)
        {
            _run = reader.ReadEvents(stream, _offset);
            _consumed = 0;
            if (_run.IsEmpty)
                return false;
        }
        ReadOnlySpan<byte> rest = _run.Span[_consumed..];
        ReadStatus status = _decoder.TryRead(rest, out _next, out ReadOnlySpan<byte> bytes, out int consumed);
        if (status != ReadStatus.Read)
            throw new LogDamagedException($"Stream {stream} does not hold an event after event {Consumed}.", _offset);
        _bytesLength = bytes.Length;
        _bytesAt = _consumed + consumed - bytes.Length;
        _consumed += consumed;
        _offset += consumed;
        return _hasNext = true;
    }

    public void Consume()
    {
        _hasNext = false;
        Consumed++;
    }
}
