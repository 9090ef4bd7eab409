namespace Determinism.Log;

/// <content>Drops the oldest part of a log that is bounded.</content>
/// <remarks>At every instant what lies on the disk is one log: what is dropped is there until the log says durably, in a block
/// of its own, that it begins behind it. Files are taken away after that, and readers ignore those that are still
/// there.</remarks>
internal sealed partial class SegmentWriter
{
    // The chain's link before each closed segment, as the manifest lists them.
    private readonly List<byte[]> _links = [];
    private int _baseCount;
    private int _firstOfRest = int.MaxValue;
    private long _written;

    /// <summary>A segment was closed.</summary>
    public Action? Closed { get; set; }

    /// <summary>The bug that a test has planted.</summary>
    public Plant Plant { get; set; }

    /// <summary>Bytes written so far, dropped ones included. Any thread.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Number of the segment that is being written.</summary>
    public int Current => _manifest.NextNumber;

    /// <summary>Bytes of the segments that hold what the machine starts from; they are never dropped.</summary>
    public long BaseBytes => _manifest.Segments.Take(_baseCount).Sum(static segment => segment.Length);

    /// <summary>Number of the first segment that is kept behind those.</summary>
    public int First => Math.Max(_baseCount, _manifest.First);

    /// <summary>Bytes of the folder if the log began at a segment.</summary>
    public long BytesFrom(int segment) => BaseBytes + _length + _manifest.Size
        + _manifest.Segments.Skip(_manifest.IndexOf(segment)).Sum(static one => one.Length);

    /// <summary>Begins another segment, if anything is in this one.</summary>
    public void BeginSegment()
    {
        if (_index.Count > 0)
            Rotate();
    }

    /// <summary>The last segment from which on there is all that comes after a cut; never behind one that holds anything but
    /// events and checkpoints.</summary>
    /// <param name="events">Of each stream, the number of events before the cut.</param>
    /// <param name="segment">A segment in which the cut's checkpoint is.</param>
    public int LastBefore(IReadOnlyList<ulong> events, int segment)
    {
        for (segment = Math.Min(segment, _firstOfRest); segment > First && !IsWithin(StartsOf(segment), events); segment--)
        {
        }
        return Plant == Plant.DropOneMore && segment < Current ? segment + 1 : segment;
    }

    /// <summary>Drops what is before a segment: says durably that the log begins there, and takes the files away.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="checkpoint">Number of the checkpoint that the log begins at: a whole one, durable, with all events of its
    /// cut.</param>
    public void DropBefore(int segment, int checkpoint)
    {
        var beginning = new LogBeginning(_baseCount, segment, checkpoint, StartsOf(segment),
            segment == Current ? _link : _links[_manifest.IndexOf(segment)]);
        Write(new BlockHeader { Kind = BlockKind.Beginning }, beginning.ToBytes());
        int first = First;
        if (Plant == Plant.DropBeforeDurable)
            Remove(first, segment);
        // What it says must not be lost when the files are (law L9).
        Sync();
        _links.RemoveRange(_baseCount, segment - first);
        _manifest.Drop(_baseCount, segment);
        ReplaceManifest();
        Remove(first, segment);
        RotateIfFull();
    }

    /// <summary>Begins a log whose oldest part is not in it: behind what the machine starts from, before any event.</summary>
    /// <param name="checkpoint">Number of the checkpoint that it begins at.</param>
    /// <param name="states">The streams' states, and the events and bytes before each.</param>
    public void BeginAt(int checkpoint, IReadOnlyList<StreamBeginning> states)
    {
        CloseBaseBefore(BlockKind.Beginning);
        for (int stream = 0; stream < _streams.Length; stream++)
            _streams[stream] = new StreamIndexer(states[stream]);
        _starts = MarkStarts();
        DropBefore(Current, checkpoint);
    }

    private static bool IsWithin(StreamStart[] starts, IReadOnlyList<ulong> events)
    {
        for (int stream = 0; stream < starts.Length; stream++)
        {
            if (starts[stream].NextEvent > events[stream] + 1)
                return false;
        }
        return true;
    }

    private StreamStart[] StartsOf(int segment) =>
        segment == Current ? _starts : _manifest.Segments[_manifest.IndexOf(segment)].Starts;

    // What a machine starts from comes before all else, and so is in segments of its own.
    private void CloseBaseBefore(BlockKind kind)
    {
        if (!_options.DropsOldest)
            return;
        bool isBase = kind is not (BlockKind.Events or BlockKind.Checkpoint or BlockKind.Beginning);
        if (_baseCount == 0 && !isBase)
        {
            Rotate();
            _baseCount = Current;
        }
        else if (_baseCount > 0 && isBase)
        {
            _firstOfRest = Math.Min(_firstOfRest, Current);
        }
    }

    // The oldest first.
    private void Remove(int first, int segment)
    {
        var storage = (ILogFileRemoval)_storage;
        for (int number = first; number < segment; number++)
            storage.Remove(NameOf(number));
        if (segment > first)
            _storage.SyncNames();
    }
}
