namespace Determinism.Log;

/// <summary>The largest part of a log that can be replayed: streams cut so that no event is left whose cause is
/// lost (law L9).</summary>
/// <remarks>For logs that were not completed. A crash may keep an event and lose one that must come before it in another
/// stream; whoever replayed it would wait for ever. Safe for concurrent use as the log is.</remarks>
public sealed class ClosedLog : IEventLogReader, IRepeatedBlocks, IDroppedBeginning
{
    private readonly IEventLogReader _log;
    private readonly StreamCut[] _cuts;

    internal ClosedLog(IEventLogReader log, StreamCut[] cuts)
    {
        _log = log;
        _cuts = cuts;
    }

    /// <summary>What is left of each stream, and what is not.</summary>
    public IReadOnlyList<StreamCut> Cuts => _cuts;

    /// <summary>Whether nothing had to be cut off.</summary>
    public bool IsWhole => Array.TrueForAll(_cuts, static cut => cut.DroppedEvents == 0);

    internal IEventLogReader Log => _log;

    LogBeginning? IDroppedBeginning.Beginning => (_log as IDroppedBeginning)?.Beginning;

    StreamBeginning IDroppedBeginning.BeginningOf(int stream) => ((IDroppedBeginning)_log).BeginningOf(stream);

    /// <inheritdoc />
    public int StreamCount => _log.StreamCount;

    /// <inheritdoc />
    public bool IsComplete => _log.IsComplete && IsWhole;

    /// <summary>Finds the part. Reads the whole log once.</summary>
    /// <param name="log">The log; stays the caller's, and must stay open and unchanged.</param>
    /// <exception cref="LogDamagedException">The log is damaged before its end.</exception>
    public static ClosedLog Of(IEventLogReader log)
    {
        ReplayOrder order = ReplayOrder.Of(Guard.NotNull(log));
        var cuts = new StreamCut[log.StreamCount];
        for (int stream = 0; stream < cuts.Length; stream++)
        {
            (ulong events, long bytes) = order.Reach(stream);
            cuts[stream] = new StreamCut(events, bytes, order.CountRest(stream));
        }
        return new ClosedLog(log, cuts);
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset)
    {
        Guard.InRange((uint)stream < (uint)_cuts.Length, stream, nameof(stream), "No such stream.");
        long left = _cuts[stream].Bytes - offset;
        if (left <= 0)
            return default;
        ReadOnlyMemory<byte> run = _log.ReadEvents(stream, offset);
        return run.Length <= left ? run : run[..(int)left];
    }

    /// <inheritdoc />
    /// <remarks>How the recording ended is true of a whole log only.</remarks>
    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content)
    {
        content = default;
        return (!LogEnd.IsOfEnd(kind) || IsComplete) && _log.TryReadBlock(kind, out content);
    }

    /// <inheritdoc />
    /// <remarks>A checkpoint comes after all events that are in it, so what is left has them.</remarks>
    public int CountBlocks(BlockKind kind) => _log is IRepeatedBlocks blocks && (!LogEnd.IsOfEnd(kind) || IsComplete)
        ? blocks.CountBlocks(kind) : 0;

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadBlock(BlockKind kind, int index)
    {
        Guard.InRange((uint)index < (uint)CountBlocks(kind), index, nameof(index), "There are not so many.");
        return ((IRepeatedBlocks)_log).ReadBlock(kind, index);
    }

    /// <summary>Nothing: the log is the caller's.</summary>
    public void Dispose()
    {
    }
}
