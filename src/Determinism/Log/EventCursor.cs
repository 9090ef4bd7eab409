using System.Runtime.InteropServices;

namespace Determinism.Log;

/// <summary>Reads one stream, one event ahead.</summary>
/// <remarks>Over a <see cref="FileEventLogReader"/> it allocates nothing as it goes. One thread at a time.</remarks>
public sealed class EventCursor
{
    private readonly IEventLogReader _reader;
    private readonly FileEventLogReader? _files;
    private readonly BlockBuffer _buffer;
    private readonly EventDecoder _decoder;
    private readonly int _stream;
    private byte[] _run = [];
    private int _at;
    private int _end;

    // Bytes of the stream before the array's first: the array may begin anywhere in the stream, or before it.
    private long _before;
    private StreamEvent _next;
    private bool _hasNext;

    /// <summary>A cursor at a stream's start; at the first event that is kept, if the log's oldest part was dropped.</summary>
    /// <param name="reader">The log.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="agentCount">Number of agents in the log.</param>
    public EventCursor(IEventLogReader reader, int stream, int agentCount)
    {
        _reader = Guard.NotNull(reader);
        _files = reader as FileEventLogReader;
        _stream = stream;
        _buffer = new BlockBuffer();
        if (reader is IDroppedBeginning { Beginning: not null } kept)
        {
            StreamBeginning start = kept.BeginningOf(stream);
            _decoder = new EventDecoder(start.State);
            (Consumed, _before) = (start.Events, start.Bytes);
            return;
        }
        _decoder = new EventDecoder(agentCount);
    }

    internal EventCursor(FileEventLogReader reader, int stream, in StreamState state, long offset, ulong consumed,
        ReadOnlyMemory<byte> run, BlockBuffer buffer)
    {
        _reader = _files = reader;
        _stream = stream;
        _buffer = buffer;
        _decoder = new EventDecoder(state);
        Take(run, offset);
        Consumed = consumed;
    }

    /// <summary>Events before the next one: its number is one more.</summary>
    public ulong Consumed { get; private set; }

    /// <summary>The next event; valid while <see cref="MoveToNext"/> is true.</summary>
    public ref readonly StreamEvent Next => ref _next;

    /// <summary>The next event's constraints; valid until the event after it is read.</summary>
    public ReadOnlySpan<OrderingConstraint> Constraints => _decoder.Constraints;

    /// <summary>The next event's own bytes; valid until the event after it is read.</summary>
    public ReadOnlySpan<byte> Bytes => _next.HasBytes ? _run.AsSpan(_at - _decoder.BytesLength, _decoder.BytesLength) : default;

    /// <summary>Bytes of the stream up to the end of the next event.</summary>
    public long Offset => _before + _at;

    /// <summary>The stream.</summary>
    public int Stream => _stream;

    /// <summary>Makes the next event available; false at the end of the stream.</summary>
    /// <exception cref="LogDamagedException">The bytes there are not an event.</exception>
    public bool MoveToNext()
    {
        if (_hasNext)
            return true;
        if (_at == _end && !TryTakeNext())
            return false;
        _next = default;
        int end = _decoder.Read(_run.AsSpan(0, _end), _at, ref _next);
        if (end < 0)
            throw Damaged();
        _at = end;
        return _hasNext = true;
    }

    /// <summary>Goes on past the next event.</summary>
    public void Consume()
    {
        _hasNext = false;
        Consumed++;
    }

    private bool TryTakeNext()
    {
        long offset = Offset;
        Take(_files is null ? _reader.ReadEvents(_stream, offset) : _files.ReadEvents(_stream, offset, _buffer), offset);
        return _at < _end;
    }

    // Events are few bytes each: what every one of them would pay to look into a memory is paid once a run.
    private void Take(ReadOnlyMemory<byte> run, long offset)
    {
        if (!MemoryMarshal.TryGetArray(run, out ArraySegment<byte> array))
            array = new ArraySegment<byte>(run.ToArray());
        _run = array.Array!;
        _at = array.Offset;
        _end = array.Offset + array.Count;
        _before = offset - _at;
    }

    private LogDamagedException Damaged() => new($"Stream {_stream} does not hold an event after event {Consumed}.", Offset);
}
