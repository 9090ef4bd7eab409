namespace Determinism.Log.Fuzz;

/// <summary>Reads a log in every way that the library has. Whatever the bytes are, a reader may end in an error of the
/// library's own and nothing else: what else is thrown goes through.</summary>
public sealed class LogProbe
{
    private readonly MemoryStorage _storage;
    private readonly LogKeys? _keys;
    private readonly Random _random;
    private readonly long _maximumSteps;
    private readonly Reading _reading = new();

    private LogProbe(MemoryStorage storage, LogKeys? keys, int seed)
    {
        _storage = storage;
        _keys = keys;
        _random = new Random(seed);
        // Compressed events may be 255 times as long as what is stored, an event has 2 bytes, and there are about a dozen
        // ways of reading here.
        _maximumSteps = 100_000 + (2000 * storage.Length);
    }

    /// <summary>Reads a log.</summary>
    /// <param name="storage">The log.</param>
    /// <param name="keys">Its secrets.</param>
    /// <param name="seed">Where seeks go to.</param>
    /// <exception cref="EndlessReadException">The reader does not end.</exception>
    public static Reading Read(MemoryStorage storage, LogKeys? keys, int seed)
    {
        var probe = new LogProbe(storage, keys, seed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        probe.Try(probe.ReadAll);
        probe._reading.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return probe._reading;
    }

    /// <summary>Digests of every stream of a good log, after each number of events: what a part of it comes to.</summary>
    /// <param name="log">The log.</param>
    public static IReadOnlyList<ulong>[] DigestsOf(IEventLogReader log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var digests = new IReadOnlyList<ulong>[log.StreamCount];
        for (int stream = 0; stream < digests.Length; stream++)
        {
            var cursor = new EventCursor(log, stream, digests.Length);
            var all = new List<ulong> { EventDigest.Nothing };
            for (; cursor.MoveToNext(); cursor.Consume())
                all.Add(EventDigest.Extend(all[^1], cursor));
            digests[stream] = all;
        }
        return digests;
    }

    private void ReadAll()
    {
        using var log = new FileEventLogReader(_storage, new LogReadOptions { Keys = _keys });
        _reading.IsOpen = true;
        _reading.IsComplete = log.IsComplete;
        var streams = new (ulong, ulong)?[log.StreamCount];
        _reading.Streams = streams;
        for (int stream = 0; stream < log.StreamCount; stream++)
            Try(() => streams[stream] = Exhaust(new EventCursor(log, stream, log.StreamCount)));
        Try(() => ReadBlocks(log));
        Try(() => ReadHeader(log));
        for (int time = 0; time < 3; time++)
            Try(() => Seek(log, _random.Next(log.StreamCount)));
        Try(() => log.Refresh());
        Try(() => ReadClosed(log));
    }

    private void Try(Action read)
    {
        try
        {
            read();
        }
        catch (DeterminismException error)
        {
            _reading.Errors++;
            if (_reading.FirstError.Length == 0)
                _reading.FirstError = error.Message;
        }
    }

    private void ReadBlocks(FileEventLogReader log)
    {
        foreach (LogBlockInfo _ in log.ReadBlocks())
            Step();
    }

    private void ReadHeader(FileEventLogReader log)
    {
        for (BlockKind kind = BlockKind.None; kind <= BlockKind.Redactions + 1; kind++)
        {
            Try(() =>
            {
                if (log.TryReadBlock(kind, out ReadOnlyMemory<byte> content) && kind == BlockKind.Header)
                    LogHeader.FromBytes(content.Span);
            });
        }
    }

    private void Seek(FileEventLogReader log, int stream)
    {
        Try(() => Exhaust(log.SeekEvent(stream, 1 + Somewhere())));
        Try(() => Exhaust(log.SeekPoint(stream, PlaceKind.Count, Somewhere() << 4)));
        Try(() => Exhaust(log.SeekPoint(stream, PlaceKind.Exit, Somewhere())));
        Try(() => log.ReadEvents(stream, (long)(Somewhere() >> 1)));
    }

    private ulong Somewhere() =>
        _random.Next(8) == 0 ? (ulong)_random.NextInt64() * 2 : (ulong)_random.Next(_random.Next(2) == 0 ? 64 : 4000);

    private void ReadClosed(FileEventLogReader log)
    {
        ClosedLog closed = ClosedLog.Of(log);
        for (int stream = 0; stream < closed.StreamCount; stream++)
            Try(() => Exhaust(new EventCursor(closed, stream, closed.StreamCount)));
    }

    private (ulong Events, ulong Digest) Exhaust(EventCursor cursor)
    {
        ulong digest = EventDigest.Nothing;
        while (cursor.MoveToNext())
        {
            digest = EventDigest.Extend(digest, cursor);
            cursor.Consume();
            Step();
        }
        return (cursor.Consumed, digest);
    }

    private void Step()
    {
        if (++_reading.Steps > _maximumSteps)
            throw new EndlessReadException($"More than {_maximumSteps} events of {_storage.Length} bytes.");
    }
}
