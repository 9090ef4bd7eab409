namespace Determinism.Log;

/// <summary>Reads along what is written of one stream, so that each block can say where its stream stands.</summary>
/// <remarks>Bytes that are not of this library's encoding make the stream opaque from there on: a log holds what it is
/// given.</remarks>
internal sealed class StreamIndexer
{
    private readonly EventDecoder _decoder;

    public StreamIndexer(int agentCount) => _decoder = new EventDecoder(agentCount);

    /// <summary>For a stream whose first events are not in the log.</summary>
    public StreamIndexer(in StreamBeginning start)
    {
        _decoder = new EventDecoder(start.State);
        Events = start.Events;
        Offset = start.Bytes;
    }

    public bool IsOpaque { get; private set; }

    /// <summary>Events read.</summary>
    public ulong Events { get; private set; }

    /// <summary>Bytes of events passed on.</summary>
    public long Offset { get; private set; }

    public ref readonly StreamState State => ref _decoder.State;

    public StreamStart Start => new(Events + 1, Offset, State.Count, State.Exit);

    /// <summary>Goes on by the events of one block.</summary>
    /// <returns>Which part of the stream it is, and the number of its events.</returns>
    public BlockExtent Pass(ReadOnlySpan<byte> events, out int count)
    {
        var extent = new BlockExtent
        {
            FirstEvent = Events + 1, StreamOffset = Offset, FirstCount = State.Count, FirstExit = State.Exit,
        };
        count = 0;
        Offset += events.Length;
        while (!IsOpaque && !events.IsEmpty)
        {
            if (_decoder.TryRead(events, out _, out _, out int consumed) != ReadStatus.Read)
            {
                IsOpaque = true;
                count = 0;
                break;
            }
            if (count++ == 0)
                (extent.FirstCount, extent.FirstExit) = (State.Count, State.Exit);
            events = events[consumed..];
        }
        Events += (ulong)count;
        (extent.LastCount, extent.LastExit) = (State.Count, State.Exit);
        return extent;
    }
}
