using Determinism.Log;

namespace Determinism.Tool.Dumping;

/// <summary>Which events of each stream are wanted. Bounds are inclusive.</summary>
internal sealed record EventRange
{
    public ulong From { get; init; } = 1;

    public ulong To { get; init; } = ulong.MaxValue;

    public ulong? FromCount { get; init; }

    public ulong? ToCount { get; init; }

    public ulong? FromExit { get; init; }

    public ulong? ToExit { get; init; }

    /// <summary>Kinds that are wanted; null for all.</summary>
    public IReadOnlySet<EventKind>? Kinds { get; init; }

    /// <summary>A cursor at the first event that no lower bound excludes, without reading what is before it.</summary>
    public EventCursor Seek(FileEventLogReader log, int stream)
    {
        EventCursor cursor = log.SeekEvent(stream, From);
        if (FromCount is { } count)
            cursor = Later(cursor, log.SeekPoint(stream, PlaceKind.Count, count));
        if (FromExit is { } exit)
            cursor = Later(cursor, log.SeekPoint(stream, PlaceKind.Exit, exit));
        return cursor;
    }

    /// <summary>Whether this event and all after it in its stream are beyond an upper bound.</summary>
    public bool IsBeyond(EventCursor cursor) =>
        cursor.Consumed + 1 > To
        || (cursor.Next.Place == PlaceKind.Count ? cursor.Next.Position > ToCount : cursor.Next.Position > ToExit);

    public bool IsWanted(EventCursor cursor) => Kinds is null || Kinds.Contains(cursor.Next.Kind);

    private static EventCursor Later(EventCursor one, EventCursor other) => one.Consumed >= other.Consumed ? one : other;
}
