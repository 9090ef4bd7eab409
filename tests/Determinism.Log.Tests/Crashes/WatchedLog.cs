using Determinism.Log.Tests.Disk;

namespace Determinism.Log.Tests.Crashes;

/// <summary>A log into which something is recorded, with a copy in memory of what was appended and a list of what was
/// acknowledged when.</summary>
/// <param name="log">The log.</param>
/// <param name="disk">Where it is.</param>
/// <param name="eventsPerCommit">After so many events of a stream its agent waits for a commit.</param>
internal sealed class WatchedLog(IEventLog log, SimulatedDisk disk, int eventsPerCommit) : IEventLog
{
    private readonly MemoryEventLog _copy = new(log.StreamCount);
    private readonly int[] _events = new int[log.StreamCount];
    private readonly List<Acknowledgement> _acknowledgements = [];

    public int StreamCount => log.StreamCount;

    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        // First, so that all that can be on the disk is in the copy.
        _copy.Append(stream, encoded);
        LogPosition position = log.Append(stream, encoded);
        if (++_events[stream] % eventsPerCommit == 0)
            WaitForCommit(position);
        return position;
    }

    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content) => log.AppendBlock(kind, content);

    public void WaitForCommit(LogPosition position)
    {
        log.WaitForCommit(position);
        lock (_acknowledgements)
            _acknowledgements.Add(new Acknowledgement(disk.Now, position));
    }

    public void Complete() => log.Complete();

    public void Dispose() => log.Dispose();

    public Recorded ToRecorded(LogKeys? keys = null) =>
        new(disk, AppendedEvents.Of(_copy), [.. _acknowledgements.OrderBy(one => one.Moment)], keys);
}
