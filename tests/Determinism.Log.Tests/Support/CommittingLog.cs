using Determinism.Log.Fuzz;

namespace Determinism.Log.Tests.Support;

/// <summary>Asks for commits at moments of its own, so that a recording has many small blocks, and copies the folder as it
/// is at some of them: logs that were cut short.</summary>
internal sealed class CommittingLog(FileEventLog log, MemoryStorage storage, int seed, int eventsPerCommit) : IEventLog
{
    private const int MaximumCopies = 3;

    private readonly Random[] _random =
        [.. Enumerable.Range(0, log.StreamCount).Select(stream => new Random((seed * 1000) + stream))];
    private readonly List<SortedDictionary<string, byte[]>> _copies = [];

    /// <summary>The folder as it was when nobody had completed the log.</summary>
    public IReadOnlyList<SortedDictionary<string, byte[]>> Copies => _copies;

    public int StreamCount => log.StreamCount;

    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        LogPosition position = log.Append(stream, encoded);
        if (_random[stream].Next(eventsPerCommit) == 0)
        {
            log.WaitForCommit(position);
            if (_random[stream].Next(8) == 0)
                Copy();
        }
        return position;
    }

    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content) => log.AppendBlock(kind, content);

    public void WaitForCommit(LogPosition position) => log.WaitForCommit(position);

    public void Complete()
    {
        Copy();
        log.Complete();
    }

    public void Dispose() => log.Dispose();

    private void Copy()
    {
        lock (_copies)
        {
            if (_copies.Count < MaximumCopies)
                _copies.Add(storage.Copy());
        }
    }
}
