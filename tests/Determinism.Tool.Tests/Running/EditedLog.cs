using Determinism.Log;

namespace Determinism.Tool.Tests.Running;

/// <summary>An event with all that belongs to it.</summary>
internal sealed record LoggedEvent(StreamEvent One, OrderingConstraint[] Constraints, byte[] Bytes);

/// <summary>A log taken apart, to be changed and put together again.</summary>
internal sealed class EditedLog
{
    private readonly Dictionary<BlockKind, byte[]> _blocks = [];

    public EditedLog(int streams) => Streams = [.. Enumerable.Range(0, streams).Select(_ => new List<LoggedEvent>())];

    public EditedLog(IEventLogReader log)
        : this(log.StreamCount)
    {
        foreach (BlockKind kind in Enum.GetValues<BlockKind>())
        {
            if (kind is not (BlockKind.None or BlockKind.Events or BlockKind.Trailer or BlockKind.Index)
                && log.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                _blocks[kind] = content.ToArray();
        }
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            for (var cursor = new EventCursor(log, stream, log.StreamCount); cursor.MoveToNext(); cursor.Consume())
                Streams[stream].Add(new LoggedEvent(cursor.Next, cursor.Constraints.ToArray(), cursor.Bytes.ToArray()));
        }
    }

    public List<LoggedEvent>[] Streams { get; }

    public IDictionary<BlockKind, byte[]> Blocks => _blocks;

    public void Add(int stream, StreamEvent one, params OrderingConstraint[] constraints) =>
        Streams[stream].Add(new LoggedEvent(one, constraints, []));

    /// <summary>Changes the first event that fits.</summary>
    /// <returns>Its number.</returns>
    public int Change(int stream, Predicate<LoggedEvent> which, Func<LoggedEvent, LoggedEvent> change)
    {
        int index = Streams[stream].FindIndex(which);
        Assert.True(index >= 0, "No event fits.");
        Streams[stream][index] = change(Streams[stream][index]);
        return index + 1;
    }

    public MemoryEventLog ToLog(bool isComplete = true)
    {
        var log = new MemoryEventLog(Streams.Length);
        foreach ((BlockKind kind, byte[] content) in _blocks)
            log.AppendBlock(kind, content);
        for (int stream = 0; stream < Streams.Length; stream++)
        {
            var encoder = new EventEncoder(Streams.Length);
            foreach (LoggedEvent each in Streams[stream])
            {
                var room = new byte[EventEncoder.MaximumFixedBytes
                    + (each.Constraints.Length * EventEncoder.MaximumConstraintBytes) + each.Bytes.Length];
                Assert.True(encoder.TryWrite(room, each.One, each.Constraints, each.Bytes, out int written));
                log.Append(stream, room.AsSpan(0, written));
            }
        }
        if (isComplete)
            log.Complete();
        return log;
    }
}
