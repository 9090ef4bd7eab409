using Determinism.Checkpoints;
using Determinism.Log;

namespace Determinism.FlightRecording;

/// <summary>A recording that is always on: a log of files that keeps its newest part, within a budget of bytes or time, and can be
/// replayed from where it begins, whenever the process or the machine dies.</summary>
/// <remarks>
/// <para>Record into <see cref="Log"/>, with the checkpoints of <see cref="CheckpointsOf"/>. Now and then a checkpoint is
/// <em>whole</em>: it needs nothing before it. When the budget is exceeded, what comes before the oldest whole checkpoint that leaves
/// enough is dropped. vCPUs stand still no longer than for any checkpoint: a whole one is put together from the log while they run.</para>
/// <para>How much the folder has at most says docs/time-travel.md. Of one recording; thread-safe.</para>
/// </remarks>
public sealed class FlightRecorder : IDisposable
{
    // Groups are a quarter of the budget: from half of it to all of it is kept.
    private const int GroupsKept = 4;
    private const int CheckpointsPerGroup = 2;
    private const int SegmentsKept = 16;
    private const long LeastSegmentBytes = 4 << 10;

    private readonly object _lock = new();
    private readonly FlightRecorderOptions _options;
    private readonly ILogStorage _storage;
    private readonly List<FlightGroup> _groups = [];
    private bool _isUpkeepDue;
    private long _bytes;
    private long _mostBytes;
    private long _droppedBytes;
    private long _droppedSegments;
    private long _wholeCheckpoints;
    private long _largestWhole;
    private FlightGroup? _oldest;
    private bool _isTooLarge;

    /// <summary>Creates a recorder and its log in a new or empty folder.</summary>
    /// <param name="path">Where.</param>
    /// <param name="streamCount">Number of agents, 1 to 254.</param>
    /// <param name="options">What is kept.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">There is something already, or the files cannot be made.</exception>
    public FlightRecorder(string path, int streamCount, FlightRecorderOptions options)
        : this(() => FolderStorage.CreateNew(path), streamCount, options)
    {
    }

    /// <summary>Creates a recorder and its log where the caller wants it.</summary>
    /// <param name="storage">Where; without files. It must be able to take files away (<see cref="ILogFileRemoval"/>).</param>
    /// <param name="streamCount">Number of agents, 1 to 254.</param>
    /// <param name="options">What is kept.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the storage cannot take files away.</exception>
    /// <exception cref="IOException">The files cannot be made.</exception>
    public FlightRecorder(ILogStorage storage, int streamCount, FlightRecorderOptions options)
        : this(() => Guard.NotNull(storage), streamCount, options)
    {
    }

    private FlightRecorder(Func<ILogStorage> storage, int streamCount, FlightRecorderOptions options)
    {
        Guard.NotNull(options).Validate();
        _options = options;
        _storage = storage();
        if (_storage is not ILogFileRemoval)
            throw new ArgumentException("The storage cannot take files away.", nameof(storage));
        long most = options.KeepBytes > 0 ? Math.Max(LeastSegmentBytes, options.KeepBytes / SegmentsKept) : long.MaxValue;
        Log = new FileEventLog(_storage, streamCount, options.Log with
        {
            DropsOldest = true, SegmentBytes = Math.Min(options.Log.SegmentBytes, most),
        });
        Log.Writer.Closed = OnSegmentClosed;
        Log.Upkeep = KeepUp;
    }

    /// <summary>The log to record into.</summary>
    public FileEventLog Log { get; }

    /// <summary>What is kept now. Any thread.</summary>
    public FlightRecorderStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new FlightRecorderStatus
                {
                    Bytes = _bytes, MostBytes = _mostBytes, BaseBytes = BaseBytes, LargestWholeBytes = _largestWhole,
                    WholeCheckpoints = _wholeCheckpoints, DroppedBytes = _droppedBytes, DroppedSegments = _droppedSegments,
                    OldestCheckpoint = _oldest?.Checkpoint ?? 0,
                    OldestEvents = Array.ConvertAll(_oldest?.Events ?? new ulong[Log.StreamCount], static events => events + 1),
                    IsOverBudget = _options.KeepBytes > 0 && _bytes > _options.KeepBytes, IsTooLarge = _isTooLarge,
                };
            }
        }
    }

    /// <summary>The checkpoints of the recording (<see cref="Recording.RecordingOptions.Checkpoints"/>), without which nothing can be
    /// dropped.</summary>
    /// <param name="state">What the machine has beside its memory.</param>
    public CheckpointOptions CheckpointsOf(ICheckpointState state)
    {
        TimeSpan interval = _options.CheckpointInterval;
        if (_options.KeepTime > TimeSpan.Zero)
            interval = Min(interval, new TimeSpan(_options.KeepTime.Ticks / (GroupsKept * CheckpointsPerGroup)));
        return new CheckpointOptions
        {
            State = Guard.NotNull(state), Interval = interval,
            LogBytes = _options.KeepBytes / (GroupsKept * CheckpointsPerGroup), Recorder = this,
        };
    }

    /// <summary>Closes the log's files (<see cref="FileEventLog.Dispose"/>).</summary>
    public void Dispose() => Log.Dispose();

    /// <summary>Makes a checkpoint due.</summary>
    internal Action? Wake { get; set; }

    /// <summary>The bug that a test has planted.</summary>
    internal Plant Plant
    {
        get => Log.Writer.Plant;
        set => Log.Writer.Plant = value;
    }

    /// <summary>Whether the next checkpoint should be a whole one.</summary>
    internal bool IsWholeDue
    {
        get
        {
            lock (_lock)
            {
                if (_groups.Count == 0)
                    return true;
                FlightGroup last = _groups[^1];
                // What whole checkpoints take must not be more than half of what is written.
                return (_options.KeepBytes > 0
                        && Log.Writer.Written - last.Written >= Math.Max(_options.KeepBytes / GroupsKept, 2 * last.Bytes))
                    || (_options.KeepTime > TimeSpan.Zero
                        && _options.Time.GetElapsedTime(last.Timestamp).Ticks >= _options.KeepTime.Ticks / GroupsKept);
            }
        }
    }

    /// <summary>Reads the log's newest part as it is now, while the log is written, and its oldest part dropped.</summary>
    internal T Read<T>(Func<FileEventLogReader, T> read)
    {
        while (true)
        {
            long before = CountDropped();
            try
            {
                using var log = new FileEventLogReader(_storage, new LogReadOptions { Keys = _options.Log.Keys });
                return read(log);
            }
            catch (FileNotFoundException)
            {
                // The reader had seen the name, and opens files one by one. Now the log begins later.
                if (CountDropped() == before)
                    throw;
            }
        }
    }

    /// <summary>Writes a whole checkpoint, at the beginning of a segment. All events before its cut are in the log.</summary>
    internal void AppendWhole(CheckpointContent content, GrowingBuffer block) => Log.Do(writer =>
    {
        writer.BeginSegment();
        var group = new FlightGroup(content.Number, writer.Current,
            Array.ConvertAll(content.Agents, static agent => agent.Position.Events), writer.Written, block.Length,
            _options.Time.GetTimestamp());
        writer.WriteBlock(BlockKind.Checkpoint, block.Written);
        lock (_lock)
        {
            _groups.Add(group);
            _wholeCheckpoints++;
            _largestWhole = Math.Max(_largestWhole, block.Length);
            _isUpkeepDue = true;
        }
    });

    /// <summary>A whole checkpoint would not fit into a block.</summary>
    internal void TellTooLarge()
    {
        lock (_lock)
            _isTooLarge = true;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // Through the log's thread, so that what is being dropped is gone and counted.
    private long CountDropped()
    {
        long count = 0;
        Log.Do(_ => count = _droppedSegments);
        return count;
    }

    // On the log's thread.
    private void OnSegmentClosed()
    {
        _isUpkeepDue = true;
        if (IsWholeDue)
            Wake?.Invoke();
    }

    // On the log's thread, when something was written: drops what is too much.
    private void KeepUp(SegmentWriter writer)
    {
        if (!_isUpkeepDue)
            return;
        _isUpkeepDue = false;
        Count(writer);
        int first = writer.First;
        int oldest = FindOldest(writer, out int segment);
        if (oldest < 0 || segment <= first)
            return;
        FlightGroup group = _groups[oldest];
        long before = writer.BytesFrom(first);
        writer.DropBefore(segment, group.Checkpoint);
        lock (_lock)
        {
            _groups.RemoveRange(0, oldest);
            _oldest = group;
            _droppedSegments += segment - first;
            _droppedBytes += before - writer.BytesFrom(segment);
        }
        Count(writer);
    }

    // The oldest group that may be the first one; -1 if all are to be kept, and what is before them.
    private int FindOldest(SegmentWriter writer, out int segment)
    {
        int found = -1;
        segment = writer.First;
        for (int next = _oldest is null ? 0 : 1; next < _groups.Count && IsTooMuch(writer.BytesFrom(segment), _groups[next]); next++)
        {
            found = next;
            segment = writer.LastBefore(_groups[next].Events, _groups[next].Segment);
        }
        return found;
    }

    /// <summary>Whether what is before a group is to be dropped.</summary>
    private bool IsTooMuch(long bytes, FlightGroup next) => (_options.KeepBytes > 0 && bytes > _options.KeepBytes)
        || (_options.KeepTime > TimeSpan.Zero && _options.Time.GetElapsedTime(next.Timestamp) > _options.KeepTime);

    private void Count(SegmentWriter writer)
    {
        lock (_lock)
        {
            BaseBytes = writer.BaseBytes;
            _bytes = writer.BytesFrom(writer.First);
            _mostBytes = Math.Max(_mostBytes, _bytes);
        }
    }

    private long BaseBytes { get; set; }
}
