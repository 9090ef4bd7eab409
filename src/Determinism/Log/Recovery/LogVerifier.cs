namespace Determinism.Log;

/// <summary>Looks at every byte of a log, and says what is not as it must be.</summary>
/// <remarks>
/// <para>Checked are: segments' starts, identities, numbers and ends; checksums, numbers and padding of all blocks; that every
/// stream goes on from block to block, in events, bytes, points and in the state that a block begins with; that every event
/// can be read; that each checkpoint goes on from the one before it and is a cut of what was written so far; that indexes, manifest and trailer say what the blocks do; with the secret of the chain, that nobody has
/// changed, taken away, moved or put in a block; of every constraint, that its source is there, is another agent and grows;
/// and that the constraints leave an order in which the events can happen.</para>
/// <para>Damage is what the report is for, and never an exception. The log is read from front to back in memory that does not
/// grow with it but for indexes, and then a second time, stream by stream, for the order. Safe for concurrent use.</para>
/// <para>Of an encrypted log whose oldest part was dropped, where it begins is encrypted too. Without the secret, the manifest and the
/// names of the segments are taken at their word for that: that more was dropped than the recorder did is not found then, by the secret
/// of the chain neither.</para>
/// </remarks>
public static class LogVerifier
{
    /// <summary>Verifies a log.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="options">How it is read: secrets, to look into contents and to check the chain; none by default.</param>
    /// <param name="progress">Gets bytes of segments read so far, now and then; none by default.</param>
    /// <exception cref="IOException">There is no such folder, or it cannot be read.</exception>
    public static LogVerification Verify(string path, LogReadOptions? options = null, IProgress<long>? progress = null) =>
        Verify(FolderStorage.OpenExisting(path), options, progress);

    /// <summary>Verifies a log where the caller has it.</summary>
    /// <param name="storage">Where.</param>
    /// <param name="options">How it is read: secrets, to look into contents and to check the chain; none by default.</param>
    /// <param name="progress">Gets bytes of segments read so far, now and then; none by default.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LogVerification Verify(ILogStorage storage, LogReadOptions? options = null, IProgress<long>? progress = null)
    {
        Guard.NotNull(storage);
        options ??= new LogReadOptions();
        var problems = new ProblemList();
        using var walk = new LogWalk(storage, options.Keys, problems, progress);
        walk.Run();
        bool isOrderChecked = walk.AreContentsChecked && !walk.IsOpaque && problems.TrustedBefore == long.MaxValue
            && TryCheckOrder(storage, options, problems);
        return new LogVerification
        {
            Problems = problems.First,
            ProblemCount = problems.Count,
            IsComplete = walk.IsComplete,
            Tail = problems.TrustedBefore == long.MaxValue ? walk.Tail : null,
            IsChained = walk.IsChained,
            IsChainChecked = walk.IsChainChecked,
            AreContentsChecked = walk.AreContentsChecked,
            IsOrderChecked = isOrderChecked,
            Bytes = walk.Bytes,
            Blocks = walk.Blocks,
            Events = walk.Events,
            Constraints = walk.Constraints,
            TrustedBefore = Math.Min(problems.TrustedBefore, walk.NextSequence),
            IsTrusted = problems.TrustedBefore == long.MaxValue,
            LastEvents = walk.LastEvents,
            IsOpaque = walk.IsOpaque,
        };
    }

    private static bool TryCheckOrder(ILogStorage storage, LogReadOptions options, ProblemList problems)
    {
        try
        {
            using var reader = new FileEventLogReader(storage, options);
            ReplayOrder order = ReplayOrder.Of(reader);
            if (order.Ring.Count > 0)
                problems.Add(new LogProblem
                {
                    Stream = order.Ring[0].Agent, EventNumber = order.Ring[0].EventNumber, Message = order.DescribeRing(),
                });
            return true;
        }
        catch (LogDamagedException)
        {
            // Blocks are right, but what a reader finds them by is not; that is among the problems.
            return false;
        }
    }
}
