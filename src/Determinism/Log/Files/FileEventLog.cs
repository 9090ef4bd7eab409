namespace Determinism.Log;

/// <summary>A log in a folder of files: segments of blocks, each with its checksum, and a manifest; docs/log-format.md.</summary>
/// <remarks>
/// Each stream's writer fills an array of its own, with no lock and no other writer's cache line. A full array, or all that
/// is published when somebody asks for a commit, goes to the log's own thread, the only one that touches the files. Waiters
/// share one sync. What was appended before a commit was asked for is in it, in all streams, so that the sources of an
/// event's constraints are durable when the event is (law L9). A stream that is further ahead of the disk than
/// <see cref="LogWriteOptions.BacklogBytes"/> waits: nothing is dropped. The first failure of a file is the last thing that
/// happens to the log: everybody who waits or appends gets a <see cref="LogWriteException"/>, and nothing is tried again.
/// </remarks>
public sealed class FileEventLog : IEventLog
{
    private readonly object _gate = new();
    private readonly StreamTail[] _tails;
    private readonly Backlog _backlog;
    private readonly long[] _committed;
    private readonly LogWriteOptions _options;
    private readonly SegmentWriter _writer;
    private readonly Thread _thread;
    private readonly ITimer? _timer;

    // Guarded by the gate, but for reads of _state by appends.
    private volatile State _state;
    private Exception? _failure;
    private Block? _block;
    private bool _isCommitDue;
    private bool _isComplete;

    /// <summary>Creates a log in a new or empty folder, with the default options.</summary>
    /// <param name="path">Where.</param>
    /// <param name="streamCount">Number of agents, 1 to 254.</param>
    /// <exception cref="IOException">There is something already, or the files cannot be made.</exception>
    public FileEventLog(string path, int streamCount)
        : this(path, streamCount, new LogWriteOptions())
    {
    }

    /// <summary>Creates a log in a new or empty folder.</summary>
    /// <param name="path">Where.</param>
    /// <param name="streamCount">Number of agents, 1 to 254.</param>
    /// <param name="options">How it is written.</param>
    /// <exception cref="IOException">There is something already, or the files cannot be made.</exception>
    public FileEventLog(string path, int streamCount, LogWriteOptions options)
        : this(() => FolderStorage.CreateNew(path), streamCount, options)
    {
    }

    /// <summary>Creates a log where the caller wants it.</summary>
    /// <param name="storage">Where; without files.</param>
    /// <param name="streamCount">Number of agents, 1 to 254.</param>
    /// <param name="options">How it is written.</param>
    /// <exception cref="IOException">The files cannot be made.</exception>
    public FileEventLog(ILogStorage storage, int streamCount, LogWriteOptions options)
        : this(() => Guard.NotNull(storage), streamCount, options)
    {
    }

    private FileEventLog(Func<ILogStorage> storage, int streamCount, LogWriteOptions options)
    {
        Guard.InRange(streamCount is > 0 and <= LogLimits.MaximumStreams, streamCount, nameof(streamCount),
            "Between 1 and 254 streams.");
        Guard.NotNull(options).Validate();
        _options = options;
        _tails = new StreamTail[streamCount];
        for (int stream = 0; stream < streamCount; stream++)
            _tails[stream] = new StreamTail();
        _backlog = new Backlog(_tails, options.BacklogBytes);
        _committed = new long[streamCount];
        _writer = new SegmentWriter(storage(), streamCount, options);
        _thread = new Thread(Run) { Name = "event log", IsBackground = true };
        _thread.Start();
        if (options.Commit.Interval != Timeout.InfiniteTimeSpan)
            _timer = options.Time!.CreateTimer(_ => AskForCommit(), null, options.Commit.Interval, options.Commit.Interval);
    }

    private enum State
    {
        Open,
        Failed,
        Completing,
        Stopping,
        Closed,
    }

    /// <inheritdoc />
    public int StreamCount => _tails.Length;

    /// <inheritdoc />
    /// <exception cref="LogWriteException">The files failed.</exception>
    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        if ((uint)stream >= (uint)_tails.Length)
            throw NoSuchStream(stream);
        StreamTail tail = _tails[stream];
        if (_state != State.Open)
            ThrowIfNotOpen();
        if (encoded.Length > tail.Bytes.Length - tail.Used)
            MakeRoom(stream, encoded.Length);
        int used = tail.Used;
        encoded.CopyTo(tail.Bytes.AsSpan(used));
        used += encoded.Length;
        Volatile.Write(ref tail.Used, used);
        return new LogPosition(stream, tail.Start + used);
    }

    /// <inheritdoc />
    /// <remarks>Returns when the block has been handed to the operating system.</remarks>
    /// <exception cref="LogWriteException">The files failed.</exception>
    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
        if (!IsForCallers(kind))
            throw new ArgumentException("Events go through Append, and the log's own blocks are written by itself.", nameof(kind));
        byte[] copy = content.ToArray();
        Do(writer => writer.WriteBlock(kind, copy));
    }

    /// <inheritdoc />
    /// <exception cref="LogWriteException">The files failed before the position was durable.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such stream, or nothing has been appended up to there.</exception>
    public void WaitForCommit(LogPosition position)
    {
        if ((uint)position.Stream >= (uint)_tails.Length)
            throw NoSuchStream(position.Stream);
        lock (_gate)
        {
            Guard.InRange(position.Offset <= _tails[position.Stream].Length, position, nameof(position),
                "Nothing has been appended up to there.");
            while (_committed[position.Stream] < position.Offset)
            {
                if (_failure is not null)
                    throw Failed();
                Guard.NotDisposed(_state == State.Closed, this);
                _isCommitDue = true;
                Monitor.PulseAll(_gate);
                Monitor.Wait(_gate);
            }
        }
    }

    /// <inheritdoc />
    /// <exception cref="LogWriteException">The files failed, now or before; the log is not complete.</exception>
    /// <exception cref="ObjectDisposedException">The log was disposed of before it was complete.</exception>
    public void Complete()
    {
        Close(State.Completing);
        Guard.NotDisposed(!_isComplete, this);
    }

    /// <summary>Closes the files. A log that was not completed keeps what was appended so far, if the files still take it; what
    /// was committed, in any case.</summary>
    public void Dispose()
    {
        try
        {
            Close(State.Stopping);
        }
        catch (LogWriteException)
        {
            // Whoever cares has waited for a commit, or has completed the log, and knows.
        }
        _timer?.Dispose();
        _writer.Dispose();
    }

    /// <summary>What tells the log from others under its secrets; null if it has none.</summary>
    internal Guid? SecretIdentity => _options.Keys is { CanDecrypt: true } or { CanVerify: true } ? _options.Identity : null;

    /// <summary>Whether the log's oldest part may be dropped.</summary>
    internal bool DropsOldest => _options.DropsOldest;

    /// <summary>What is done on the log's own thread whenever something was written.</summary>
    internal Action<SegmentWriter>? Upkeep { get; set; }

    /// <summary>The writer's own figures; only what it says that any thread may read.</summary>
    internal SegmentWriter Writer => _writer;

    /// <summary>Does something on the log's own thread, behind the events that are there now, and waits for it. What it throws
    /// is the log's failure.</summary>
    /// <exception cref="LogWriteException">The files failed.</exception>
    internal void Do(Action<SegmentWriter> work)
    {
        var block = new Block(work);
        lock (_gate)
        {
            while (_block is not null && _state == State.Open)
                Monitor.Wait(_gate);
            ThrowIfNotOpen();
            _block = block;
            Monitor.PulseAll(_gate);
            while (!block.IsWritten && _failure is null)
                Monitor.Wait(_gate);
            if (!block.IsWritten)
                throw Failed();
        }
    }

    internal static bool IsForCallers(BlockKind kind) =>
        kind is > BlockKind.None and <= LogLimits.LastKind
            and not (BlockKind.Events or BlockKind.Trailer or BlockKind.Index or BlockKind.Beginning);

    private static ArgumentOutOfRangeException NoSuchStream(int stream) => new(nameof(stream), stream, "No such stream.");

    private void ThrowIfNotOpen()
    {
        if (_state == State.Failed)
            throw Failed();
        Guard.NotDisposed(_state != State.Open, this);
    }

    private LogWriteException Failed() => new("The log cannot be written any more: " + _failure!.Message, _failure);

    private void MakeRoom(int stream, int length)
    {
        lock (_gate)
        {
            // The disk is behind: the guest is slowed, nothing is dropped.
            while (_backlog.IsFull(stream) && _state == State.Open)
                Monitor.Wait(_gate);
            ThrowIfNotOpen();
            _backlog.Seal(stream, length);
            Monitor.PulseAll(_gate);
        }
    }

    private void AskForCommit()
    {
        lock (_gate)
        {
            _isCommitDue = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Close(State how)
    {
        lock (_gate)
        {
            if (_state == State.Open)
            {
                _state = how;
                Monitor.PulseAll(_gate);
            }
        }
        _thread.Join();
        if (_failure is not null)
            throw Failed();
    }

    // The log's own thread. Everything that can be slow or fail is outside of the gate.
    private void Run()
    {
        var runs = new List<Backlog.Run>();
        var promised = new long[_tails.Length];
        while (true)
        {
            State state;
            Block? block;
            bool isSync;
            lock (_gate)
            {
                while (!_backlog.HasFull && _block is null && !_isCommitDue && _state == State.Open)
                    Monitor.Wait(_gate);
                state = _state;
                block = _block;
                isSync = _isCommitDue || (_options.Commit.IsEachBlock && _backlog.HasFull);
                _backlog.Take(runs, promised, withTails: isSync || block is not null || state != State.Open);
                _isCommitDue = false;
            }
            try
            {
                Write(runs, block, isSync, state);
            }
#pragma warning disable CA1031 // Whatever it is, it must reach those who wait, not end the process.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Fail(error);
                return;
            }
            lock (_gate)
            {
                foreach (Backlog.Run run in runs)
                    _backlog.Return(run);
                if (block is not null)
                {
                    block.IsWritten = true;
                    _block = null;
                }
                if (isSync || state == State.Completing)
                    promised.CopyTo(_committed, 0);
                _isComplete = state == State.Completing;
                if (state != State.Open)
                    _state = State.Closed;
                Monitor.PulseAll(_gate);
            }
            runs.Clear();
            if (state != State.Open)
                return;
        }
    }

    private void Write(List<Backlog.Run> runs, Block? block, bool isSync, State state)
    {
        foreach (Backlog.Run run in runs)
        {
            if (run.To > run.From)
                _writer.WriteEvents(run.Stream, run.Events);
        }
        // After the events that were there when it came.
        if (block is not null)
            block.Work(_writer);
        Upkeep?.Invoke(_writer);
        if (state == State.Completing)
            _writer.Finish();
        else if (isSync)
            _writer.Sync();
    }

    private void Fail(Exception error)
    {
        lock (_gate)
        {
            _failure = error;
            _state = State.Failed;
            Monitor.PulseAll(_gate);
        }
    }

    private sealed record Block(Action<SegmentWriter> Work)
    {
        public bool IsWritten { get; set; }
    }
}
