namespace Determinism.Log;

/// <summary>Finds events of any log by their numbers.</summary>
internal static class EventCursors
{
    /// <summary>A cursor after some events of a stream.</summary>
    /// <exception cref="LogDamagedException">The stream has not so many, or cannot be read up to there.</exception>
    public static EventCursor After(IEventLogReader log, int stream, ulong events)
    {
        // A reader of files finds it by its indexes; of others, all before is read.
        EventCursor cursor = log is FileEventLogReader files
            ? files.SeekEvent(stream, events + 1)
            : new EventCursor(log, stream, log.StreamCount);
        while (cursor.Consumed < events && cursor.MoveToNext())
            cursor.Consume();
        if (cursor.Consumed > events)
            throw new LogDamagedException($"Event {events + 1} of stream {stream} was dropped: the first that is kept is {cursor.Consumed + 1}.");
        return cursor.Consumed == events
            ? cursor
            : throw new LogDamagedException($"Stream {stream} has {cursor.Consumed} events; a checkpoint was made after {events}.");
    }
}
