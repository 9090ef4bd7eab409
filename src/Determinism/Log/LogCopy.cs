namespace Determinism.Log;

/// <summary>Copies logs.</summary>
public static class LogCopy
{
    /// <summary>Writes a log into a new folder.</summary>
    /// <param name="log">The log.</param>
    /// <param name="path">Where.</param>
    /// <param name="options">How it is written; null for the defaults.</param>
    /// <exception cref="ArgumentException">Both are encrypted or chained, with one identity.</exception>
    /// <exception cref="IOException">There is something already, or the files cannot be made.</exception>
    /// <exception cref="LogWriteException">The files failed.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read to its end.</exception>
    public static void WriteTo(IEventLogReader log, string path, LogWriteOptions? options = null)
    {
        using var target = new FileEventLog(path, Guard.NotNull(log).StreamCount, OptionsFor(log, options));
        CopyTo(log, target);
    }

    /// <summary>Copies a log into an empty one, and completes it.</summary>
    /// <param name="log">The log.</param>
    /// <param name="target">Where to; as many streams.</param>
    /// <exception cref="ArgumentException">The numbers of streams differ; or both are encrypted or chained, with one
    /// identity; or the log's oldest part was dropped, and the target is not one that can begin where it does
    /// (<see cref="WriteTo"/> makes one).</exception>
    /// <exception cref="LogDamagedException">The log cannot be read to its end.</exception>
    public static void CopyTo(IEventLogReader log, IEventLog target)
    {
        if (Guard.NotNull(log).StreamCount != Guard.NotNull(target).StreamCount)
            throw new ArgumentException("The logs have different numbers of streams.", nameof(target));
        RefuseSameIdentity(log, target);
        LogBeginning? beginning = (log as IDroppedBeginning)?.Beginning;
        var files = target as FileEventLog;
        if (beginning is not null && files is not { DropsOldest: true })
            throw new ArgumentException("The log's oldest part was dropped, and this target cannot begin where it does.", nameof(target));
        CopyBlocks(log, target, static kind => !LogEnd.IsOfEnd(kind) && kind != BlockKind.Checkpoint);
        var starts = new StreamBeginning[log.StreamCount];
        for (int stream = 0; beginning is not null && stream < starts.Length; stream++)
            starts[stream] = ((IDroppedBeginning)log).BeginningOf(stream);
        if (beginning is not null)
            files!.Do(writer => writer.BeginAt(beginning.Checkpoint, starts));
        // Nothing of the copy is of use without it.
        int copied = beginning is null && LogOrigin.Of(log) is { Header.BeginsAtCheckpoint: true } ? CopyCheckpoints(log, target, 0, 1) : 0;
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            // Runs hold whole events, and a run is small enough to be appended as it is.
            long offset = starts[stream].Bytes;
            for (ReadOnlyMemory<byte> run; !(run = log.ReadEvents(stream, offset)).IsEmpty; offset += run.Length)
                target.Append(stream, run.Span);
        }
        CopyCheckpoints(log, target, copied, int.MaxValue);
        CopyBlocks(log, target, LogEnd.IsOfEnd);
        target.Complete();
    }

    /// <summary>How a copy of a log is written: one whose oldest part was dropped begins where that one does.</summary>
    internal static LogWriteOptions OptionsFor(IEventLogReader log, LogWriteOptions? options)
    {
        options ??= new LogWriteOptions();
        return log is IDroppedBeginning { Beginning: not null } ? options with { DropsOldest = true } : options;
    }

    /// <summary>Refuses a target that would be encrypted with the nonces, or linked by the chain, of the log that is
    /// copied.</summary>
    internal static void RefuseSameIdentity(IEventLogReader log, IEventLog target)
    {
        if (target is FileEventLog { SecretIdentity: { } identity } && SecretIdentityOf(log) == identity)
            throw new ArgumentException("A copy under secrets needs an identity of its own.", nameof(target));
    }

    internal static void CopyBlocks(IEventLogReader log, IEventLog target, Func<BlockKind, bool> isWanted)
    {
        for (BlockKind kind = BlockKind.Header; kind <= LogLimits.LastKind; kind++)
        {
            if (FileEventLog.IsForCallers(kind) && isWanted(kind) && log.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                target.AppendBlock(kind, content.Span);
        }
    }

    /// <summary>Copies checkpoints. After the events that are in them: what breaks off must not begin with a state that its
    /// events do not come to.</summary>
    private static int CopyCheckpoints(IEventLogReader log, IEventLog target, int from, int to)
    {
        if (log is not IRepeatedBlocks blocks)
            return 0;
        int end = Math.Min(to, blocks.CountBlocks(BlockKind.Checkpoint));
        for (int index = from; index < end; index++)
            target.AppendBlock(BlockKind.Checkpoint, blocks.ReadBlock(BlockKind.Checkpoint, index).Span);
        return end;
    }

    private static Guid? SecretIdentityOf(IEventLogReader log) => log switch
    {
        ClosedLog closed => SecretIdentityOf(closed.Log),
        FileEventLogReader files when files.IsEncrypted || files.IsChained => files.Identity,
        LogPrefix prefix => prefix.SecretIdentity,
        _ => null,
    };
}
