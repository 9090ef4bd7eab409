using Determinism.Checkpoints;

namespace Determinism.Log;

/// <summary>Makes a log that can be replayed of one that cannot: after a crash, or after damage.</summary>
/// <remarks>Kept is all that comes, in the order of the file, before the first block that cannot be trusted, and of that the
/// events whose causes are kept too (law L9). The log itself is only read; what is kept goes into a new one, which is
/// complete in form and replays to the end of what it has.</remarks>
public static class LogRepair
{
    /// <summary>Repairs a log.</summary>
    /// <param name="source">The log's folder.</param>
    /// <param name="target">A new or empty folder.</param>
    /// <param name="read">How the log is read: with the secret of its chain, what that shows to be changed is dropped; none by
    /// default.</param>
    /// <param name="write">How the new log is written; in the clear by default.</param>
    /// <param name="progress">Gets bytes of segments read so far, now and then; none by default.</param>
    /// <exception cref="ArgumentException">Both are encrypted or chained, with one identity.</exception>
    /// <exception cref="IOException">The log cannot be read, or there is something at the target already.</exception>
    /// <exception cref="LogDamagedException">Nothing that could be replayed is left.</exception>
    /// <exception cref="DeterminismException">The log is encrypted, and its secret was not given.</exception>
    public static LogRepairResult Repair(string source, string target, LogReadOptions? read = null, LogWriteOptions? write = null,
        IProgress<long>? progress = null) =>
        Repair(FolderStorage.OpenExisting(source), () => FolderStorage.CreateNew(target), read, write, progress);

    /// <summary>Repairs a log where the caller has it.</summary>
    /// <param name="source">The log.</param>
    /// <param name="target">Where to; without files.</param>
    /// <param name="read">How the log is read; in the clear by default.</param>
    /// <param name="write">How the new log is written; in the clear by default.</param>
    /// <param name="progress">Gets bytes of segments read so far, now and then; none by default.</param>
    /// <exception cref="ArgumentException">Both are encrypted or chained, with one identity.</exception>
    /// <exception cref="IOException">The log cannot be read, or the new one cannot be written.</exception>
    /// <exception cref="LogDamagedException">Nothing that could be replayed is left.</exception>
    /// <exception cref="DeterminismException">The log is encrypted, and its secret was not given.</exception>
    public static LogRepairResult Repair(ILogStorage source, ILogStorage target, LogReadOptions? read = null,
        LogWriteOptions? write = null, IProgress<long>? progress = null) =>
        Repair(Guard.NotNull(source), () => Guard.NotNull(target), read, write, progress);

    private static LogRepairResult Repair(ILogStorage source, Func<ILogStorage> target, LogReadOptions? read,
        LogWriteOptions? write, IProgress<long>? progress)
    {
        LogVerification found = LogVerifier.Verify(source, read, progress);
        if (found.TrustedBefore == 0)
            throw new LogDamagedException("Nothing of the log can be trusted: " + (found.Problems.Count > 0 ? found.Problems[0] : "it is empty"));
        if (!found.AreContentsChecked)
            throw new DeterminismException("The log is encrypted; its key is needed.");
        using var prefix = new LogPrefix(source, read?.Keys, found.TrustedBefore)
        {
            IsComplete = found.IsComplete && found.IsTrusted,
        };
        if (!found.IsOpaque)
            ThrowIfBeginningIsLost(prefix);
        StreamCut[] cuts = Cut(prefix, found);
        var kept = new ClosedLog(prefix, cuts);
        using (var log = new FileEventLog(target(), prefix.StreamCount, LogCopy.OptionsFor(kept, write)))
            LogCopy.CopyTo(kept, log);
        return new LogRepairResult { Found = found, Streams = cuts, IsWhole = kept.IsComplete };
    }

    // A log that begins at a checkpoint is of no use without it.
    private static void ThrowIfBeginningIsLost(LogPrefix prefix)
    {
        try
        {
            LogCheckpoints.ReadFrom(prefix);
        }
        catch (ReplayRefusedException)
        {
            // It was taken out on purpose, and what is left was left for other uses.
        }
    }

    // Constraints are of this library's events only; other streams are kept as they are.
    private static StreamCut[] Cut(LogPrefix prefix, LogVerification found)
    {
        ReplayOrder? order = found.IsOpaque ? null : ReplayOrder.Of(prefix);
        var cuts = new StreamCut[prefix.StreamCount];
        for (int stream = 0; stream < cuts.Length; stream++)
        {
            if (order is null)
            {
                cuts[stream] = new StreamCut(0, prefix.LengthOf(stream), 0);
                continue;
            }
            (ulong events, long bytes) = order.Reach(stream);
            cuts[stream] = new StreamCut(events, bytes, found.LastEvents[stream] - events);
        }
        return cuts;
    }
}
