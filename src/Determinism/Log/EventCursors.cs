namespace Determinism.Log;

/// <summary>Finds events of any log by their numbers.</summary>
internal static class EventCursors
{
    /// <summary>A cursor after some events of a stream.</summary>
    /// <exception cref="LogDamagedException">The stream has not so many, or begins later, or cannot be read up to there.</exception>
    public static EventCursor After(IEventLogReader log, int stream, ulong events)
    {
        EventCursor cursor = Seek(log, stream, events);
        if (cursor.Consumed > events)
            throw new LogDamagedException($"Event {events + 1} of stream {stream} was dropped: the first that is kept is {cursor.Consumed + 1}.");
        return cursor.Consumed == events
            ? cursor
            : throw new LogDamagedException($"Stream {stream} has {cursor.Consumed} events; a checkpoint was made after {events}.");
    }

    /// <summary>A cursor after some events of a stream, or at its end if it has not so many; at the first that is kept, if the log's
    /// oldest part was dropped and the stream begins later.</summary>
    /// <exception cref="LogDamagedException">The stream cannot be read up to there.</exception>
    public static EventCursor Seek(IEventLogReader log, int stream, ulong events)
    {
        // A reader of files finds it by its indexes; of others, all before is read.
        EventCursor cursor = log is FileEventLogReader files
            ? files.SeekEvent(stream, events + 1)
            : new EventCursor(log, stream, log.StreamCount);
        while (cursor.Consumed < events && cursor.MoveToNext())
            cursor.Consume();
        return cursor;
    }
}
