namespace Determinism.Conformance;

/// <summary>What every <see cref="IEventLog"/> and the reader of it do. Derive, and say how yours is made and read
/// back.</summary>
public abstract class EventLogSpecification : ConformanceSpecification
{
    // More than any fact appends.
    private const int MostBytes = 4 << 20;

    /// <summary>The log under test, empty.</summary>
    /// <param name="streamCount">Number of streams.</param>
    protected abstract IEventLog Create(int streamCount);

    /// <summary>Reads back what a log holds, as somebody would who comes to it later. The log is completed, or disposed of,
    /// or neither: then what was committed is there, and perhaps more.</summary>
    /// <param name="log">A log that <see cref="Create"/> made.</param>
    protected abstract IEventLogReader Reopen(IEventLog log);

    /// <summary>An empty log is a log.</summary>
    [Fact]
    public void A_log_without_events_reads_as_empty() => Within(() =>
    {
        using IEventLog log = Create(3);
        Assert.Equal(3, log.StreamCount);
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        Assert.Equal(3, reader.StreamCount);
        Assert.True(reader.IsComplete);
        for (int stream = 0; stream < 3; stream++)
            Assert.True(reader.ReadEvents(stream, 0).IsEmpty);
        Assert.False(reader.TryReadBlock(BlockKind.Header, out _));
    });

    /// <summary>Every byte, in order, none more.</summary>
    [Fact]
    public void What_was_appended_comes_back_in_order() => Within(() =>
    {
        using IEventLog log = Create(1);
        byte[] expected = Fill(log, 0, events: 5000, seed: 1);
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        Assert.Equal(expected, ReadAll(reader, 0));
    });

    /// <summary>A stream is one agent's.</summary>
    [Fact]
    public void Streams_do_not_mix() => Within(() =>
    {
        using IEventLog log = Create(3);
        var expected = new List<byte>[3];
        var random = new SeededRandom(2);
        for (int stream = 0; stream < 3; stream++)
            expected[stream] = [];
        for (int index = 0; index < 3000; index++)
        {
            int stream = random.Below(3);
            byte[] one = MakeEvent(random);
            log.Append(stream, one);
            expected[stream].AddRange(one);
        }
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        for (int stream = 0; stream < 3; stream++)
            Assert.Equal(expected[stream], ReadAll(reader, stream));
    });

    /// <summary>A run that ends inside an event could not be decoded.</summary>
    [Fact]
    public void Runs_hold_whole_events() => Within(() =>
    {
        using IEventLog log = Create(1);
        var ends = new HashSet<long> { 0 };
        var random = new SeededRandom(3);
        for (int index = 0; index < 5000; index++)
            ends.Add(log.Append(0, MakeEvent(random)).Offset);
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        long offset = 0;
        while (reader.ReadEvents(0, offset) is { IsEmpty: false } run)
        {
            offset += run.Length;
            Assert.Contains(offset, ends);
        }
    });

    /// <summary>Positions are what a commit waits for.</summary>
    [Fact]
    public void Positions_count_the_bytes_of_their_stream() => Within(() =>
    {
        using IEventLog log = Create(2);
        Assert.Equal(new LogPosition(0, 3), log.Append(0, [1, 2, 3]));
        Assert.Equal(new LogPosition(1, 1), log.Append(1, [4]));
        Assert.Equal(new LogPosition(0, 5), log.Append(0, [5, 6]));
    });

    /// <summary>Agents read their streams in turns, and each keeps the run that it is in.</summary>
    [Fact]
    public void A_run_stays_what_it_was_while_other_streams_are_read() => Within(() =>
    {
        using IEventLog log = Create(2);
        byte[] first = Fill(log, 0, events: 100, seed: 5);
        Fill(log, 1, events: 100, seed: 6);
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        ReadOnlyMemory<byte> run = reader.ReadEvents(0, 0);
        byte[] before = run.ToArray();
        reader.ReadEvents(1, 0);
        Assert.Equal(before, run.ToArray());
        Assert.Equal(first.Take(before.Length), before);
    });

    /// <summary>Larger than any buffer.</summary>
    [Fact]
    public void An_event_of_a_megabyte_is_an_event() => Within(() =>
    {
        using IEventLog log = Create(1);
        var large = new byte[1 << 20];
        for (int at = 0; at < large.Length; at++)
            large[at] = (byte)(at * 31);
        log.Append(0, [7]);
        log.Append(0, large);
        log.Append(0, [9]);
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        Assert.Equal([7, .. large, 9], ReadAll(reader, 0));
    });

    /// <summary>Blocks of several kinds, the first of each.</summary>
    [Fact]
    public void Blocks_come_back_by_kind_and_the_first_counts() => Within(() =>
    {
        using IEventLog log = Create(1);
        log.AppendBlock(BlockKind.Header, [1]);
        log.AppendBlock(BlockKind.Configuration, []);
        log.AppendBlock(BlockKind.GuestImage, new byte[100_000]);
        log.AppendBlock(BlockKind.Header, [2]);
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        Assert.True(reader.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> header));
        Assert.Equal([1], header.ToArray());
        Assert.True(reader.TryReadBlock(BlockKind.Configuration, out ReadOnlyMemory<byte> empty));
        Assert.True(empty.IsEmpty);
        Assert.True(reader.TryReadBlock(BlockKind.GuestImage, out ReadOnlyMemory<byte> image));
        Assert.Equal(100_000, image.Length);
        Assert.False(reader.TryReadBlock(BlockKind.DiskImage, out _));
    });

    /// <summary>Events have streams; blocks have none. A block of <see cref="BlockKind.Events"/> or
    /// <see cref="BlockKind.None"/> is refused with an <see cref="ArgumentException"/>.</summary>
    [Fact]
    public void Events_are_not_blocks() => Within(() =>
    {
        using IEventLog log = Create(1);
        Assert.ThrowsAny<ArgumentException>(() => log.AppendBlock(BlockKind.Events, [1]));
        Assert.ThrowsAny<ArgumentException>(() => log.AppendBlock(BlockKind.None, [1]));
    });

    /// <summary>Bad arguments are told at the door.</summary>
    [Fact]
    public void Unknown_streams_are_refused() => Within(() =>
    {
        using IEventLog log = Create(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Append(2, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Append(-1, [1]));
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.ReadEvents(2, 0));
    });

    /// <summary>A log that has ended does not grow: both kinds of appending throw
    /// <see cref="ObjectDisposedException"/>.</summary>
    [Fact]
    public void Nothing_is_appended_after_the_end() => Within(() =>
    {
        using IEventLog log = Create(1);
        log.Append(0, [1]);
        log.Complete();
        Assert.Throws<ObjectDisposedException>(() => log.Append(0, [2]));
        Assert.Throws<ObjectDisposedException>(() => log.AppendBlock(BlockKind.Header, [2]));
        using IEventLogReader reader = Reopen(log);
        Assert.Equal([1], ReadAll(reader, 0));
    });

    /// <summary>Whoever comes second does no harm.</summary>
    [Fact]
    public void Ending_twice_is_ending_once() => Within(() =>
    {
        IEventLog log = Create(1);
        log.Append(0, [1]);
        log.Complete();
        log.Complete();
        using (IEventLogReader reader = Reopen(log))
        {
            Assert.True(reader.IsComplete);
            Assert.Equal([1], ReadAll(reader, 0));
        }
        log.Dispose();
        log.Dispose();
    });

    /// <summary>A recording that was cut short must not look like one that ended.</summary>
    [Fact]
    public void A_log_that_was_not_completed_says_so_and_keeps_what_was_committed() => Within(() =>
    {
        IEventLog log = Create(2);
        log.Append(0, [1, 2]);
        log.WaitForCommit(log.Append(1, [3]));
        log.WaitForCommit(new LogPosition(0, 2));
        log.Dispose();
        using IEventLogReader reader = Reopen(log);
        Assert.False(reader.IsComplete);
        Assert.Equal([1, 2], ReadAll(reader, 0));
        Assert.Equal([3], ReadAll(reader, 1));
    });

    /// <summary>What was acknowledged is there before the log is closed (law L9).</summary>
    [Fact]
    public void What_was_committed_can_be_read_at_once() => Within(() =>
    {
        using IEventLog log = Create(1);
        byte[] expected = Fill(log, 0, events: 1000, seed: 4);
        log.WaitForCommit(new LogPosition(0, expected.Length));
        using IEventLogReader reader = Reopen(log);
        Assert.Equal(expected, ReadAll(reader, 0).Take(expected.Length));
    });

    /// <summary>Each agent appends from its own thread.</summary>
    [Fact]
    public void Streams_are_written_concurrently() => Within(() =>
    {
        const int Streams = 4;
        using IEventLog log = Create(Streams);
        var expected = new byte[Streams][];
        Aside.Together(Patience, "A writer", Streams,
            stream => expected[stream] = Fill(log, stream, events: 4000, seed: (ulong)stream, commitEvery: 500));
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        for (int stream = 0; stream < Streams; stream++)
            Assert.Equal(expected[stream], ReadAll(reader, stream));
    });

    /// <summary>A winner appends to the stream of a loser that is parked.</summary>
    [Fact]
    public void A_stream_goes_from_thread_to_thread() => Within(() =>
    {
        using IEventLog log = Create(1);
        for (byte index = 0; index < 100; index++)
        {
            byte value = index;
            Aside.Finish(Patience, "An append", Aside.Run(() => { log.Append(0, [value]); }));
        }
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        Assert.Equal(Enumerable.Range(0, 100).Select(index => (byte)index), ReadAll(reader, 0));
    });

    /// <summary>Each replaying agent reads its own stream, from its own thread.</summary>
    [Fact]
    public void Streams_are_read_concurrently() => Within(() =>
    {
        const int Streams = 4;
        using IEventLog log = Create(Streams);
        byte[][] expected = [.. Enumerable.Range(0, Streams).Select(
            stream => Fill(log, stream, events: 4000, seed: (ulong)stream))];
        log.Complete();
        using IEventLogReader reader = Reopen(log);
        Aside.Together(Patience, "A reader", Streams, stream => Assert.Equal(expected[stream], ReadAll(reader, stream)));
    });

    private static byte[] MakeEvent(SeededRandom random)
    {
        var one = new byte[1 + random.Below(40)];
        for (int at = 0; at < one.Length; at++)
            one[at] = (byte)random.Next();
        return one;
    }

    private static byte[] Fill(IEventLog log, int stream, int events, ulong seed, int commitEvery = int.MaxValue)
    {
        var random = new SeededRandom(seed);
        var all = new List<byte>();
        for (int index = 1; index <= events; index++)
        {
            byte[] one = MakeEvent(random);
            all.AddRange(one);
            LogPosition end = log.Append(stream, one);
            if (index % commitEvery == 0)
                log.WaitForCommit(end);
        }
        return [.. all];
    }

    private static byte[] ReadAll(IEventLogReader reader, int stream)
    {
        var all = new List<byte>();
        while (reader.ReadEvents(stream, all.Count) is { IsEmpty: false } run)
        {
            all.AddRange(run.ToArray());
            Assert.True(all.Count <= MostBytes, $"Stream {stream} does not end: it gives more than was appended.");
        }
        return [.. all];
    }
}
