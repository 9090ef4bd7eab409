using Determinism.Log;

namespace Determinism.Checkpoints;

/// <summary>The checkpoints of a log, each built on the one before it.</summary>
/// <remarks>Immutable, and thread-safe as the log's reader is. Memory is read from the log when it is wanted.</remarks>
public sealed class LogCheckpoints
{
    private readonly IRepeatedBlocks? _blocks;
    private readonly List<Checkpoint> _all = [];

    // Of a log whose oldest part was dropped, there may be some that need it.
    private int _skipped;

    private LogCheckpoints(IEventLogReader log)
    {
        _blocks = log as IRepeatedBlocks;
        Origin = LogOrigin.Of(log);
    }

    /// <summary>Them, in the order in which they were made.</summary>
    public IReadOnlyList<Checkpoint> All => _all;

    /// <summary>Where the log begins: what a replay begins at that is not told another. Null: with the machine as it was
    /// loaded.</summary>
    /// <remarks>At it each agent has had <see cref="AgentPosition.Events"/> events, none or more; what was before is not in the
    /// log.</remarks>
    public Checkpoint? Start { get; private set; }

    /// <summary>Where a log begins, without reading its checkpoints if it begins with the machine as loaded.</summary>
    /// <exception cref="LogDamagedException">It begins at a checkpoint that cannot be read.</exception>
    /// <exception cref="ReplayRefusedException">The checkpoint was taken out of the log.</exception>
    internal static Checkpoint? FindStart(IEventLogReader log, LogHeader header) =>
        header.BeginsAtCheckpoint || BeginningOf(log) is not null ? ReadFrom(log).Start : null;

    /// <summary>Finds the checkpoints of a log. Reads each of their blocks once.</summary>
    /// <param name="log">The log; stays the caller's, and must stay open and unchanged. One that does not give back more than
    /// one block of a kind (<see cref="IRepeatedBlocks"/>) has none.</param>
    /// <exception cref="LogDamagedException">A block is not a checkpoint that goes on from the one before it; or the log begins at
    /// a checkpoint, and has none.</exception>
    /// <exception cref="ReplayRefusedException">The log begins at a checkpoint that was taken out of it
    /// (<see cref="LogRedaction"/>).</exception>
    public static LogCheckpoints ReadFrom(IEventLogReader log)
    {
        var found = new LogCheckpoints(Guard.NotNull(log));
        int count = found._blocks?.CountBlocks(BlockKind.Checkpoint) ?? 0;
        LogBeginning? beginning = BeginningOf(log);
        var order = new CheckpointOrder(beginning?.Checkpoint ?? 0);
        for (int index = 0; index < count; index++)
        {
            CheckpointContent content = CheckpointReader.Read(found._blocks!.ReadBlock(BlockKind.Checkpoint, index).Span, log.StreamCount);
            if (order.Pass(content))
                found._all.Add(new Checkpoint(found, content));
            else
                found._skipped++;
        }
        if (beginning is not null || found.Origin is { Header.BeginsAtCheckpoint: true })
            found.Start = found._all.Count > 0 ? found._all[0] : throw Missing(log);
        return found;
    }

    private static LogBeginning? BeginningOf(IEventLogReader log) => (log as IDroppedBeginning)?.Beginning;

    private static DeterminismException Missing(IEventLogReader log) => Redactions.Find(log).Any(Redactions.AreCheckpoints)
        ? new ReplayRefusedException("The checkpoint that the log begins at was taken out of it.")
        : new LogDamagedException("The checkpoint that the log begins at is not in it.");

    internal LogOrigin? Origin { get; }

    /// <summary>The last checkpoint of which something is true; null if there is none.</summary>
    internal Checkpoint? FindLast(Predicate<Checkpoint> match) => _all.FindLast(match);

    /// <summary>Puts the machine of a checkpoint together.</summary>
    /// <param name="checkpoint">One of this log.</param>
    /// <param name="write">Gets the address and the content of each piece of memory that is not as it was at the
    /// start.</param>
    /// <returns>The machine's state beside memory.</returns>
    internal byte[] Read(Checkpoint checkpoint, MemoryWriter write)
    {
        var contents = new Dictionary<ulong, List<ulong>>();
        var pieces = new Dictionary<ulong, ulong>();
        int end = _all.IndexOf(checkpoint);
        int start = end;
        while (start > 0 && !_all[start].Content.IsWhole)
            start--;
        for (int index = start; index <= end; index++)
        {
            foreach (PieceContent one in _all[index].Content.Memory)
                pieces[one.Piece] = one.Content;
        }
        foreach (KeyValuePair<ulong, ulong> one in pieces)
            Want(contents, one.Value).Add(one.Key);
        foreach (ulong content in checkpoint.Content.State)
            Want(contents, content);
        if (contents.TryGetValue(Pieces.Zeros, out List<ulong>? zeros))
            WriteEach(zeros, new byte[Pieces.Bytes], write);

        var state = new byte[checkpoint.Content.State.Length * Pieces.Bytes];
        for (int index = start; index <= end; index++)
            ReadContents(_all[index].Content, index, contents, write, checkpoint.Content.State, state);
        Array.Resize(ref state, checkpoint.Content.StateBytes);
        return state;
    }

    private static List<ulong> Want(Dictionary<ulong, List<ulong>> contents, ulong number)
    {
        if (!contents.TryGetValue(number, out List<ulong>? users))
            contents.Add(number, users = []);
        return users;
    }

    private void ReadContents(CheckpointContent checkpoint, int index, Dictionary<ulong, List<ulong>> contents,
        MemoryWriter write, ulong[] statePieces, byte[] state)
    {
        ReadOnlyMemory<byte> block = default;
        for (ulong number = checkpoint.FirstContent; number < checkpoint.NextContent; number++)
        {
            if (!contents.TryGetValue(number, out List<ulong>? users))
                continue;
            if (block.IsEmpty)
                block = ReadBlock(index);
            int at = checkpoint.HeadBytes + ((int)(number - checkpoint.FirstContent) * Pieces.Bytes);
            ReadOnlySpan<byte> content = block.Span.Slice(at, Pieces.Bytes);
            WriteEach(users, content, write);
            for (int piece = Array.IndexOf(statePieces, number); piece >= 0; piece = Array.IndexOf(statePieces, number, piece + 1))
                content.CopyTo(state.AsSpan(piece * Pieces.Bytes));
        }
    }

    private static void WriteEach(List<ulong> pieces, ReadOnlySpan<byte> content, MemoryWriter write)
    {
        foreach (ulong piece in pieces)
            write(piece * Pieces.Bytes, content);
    }

    private ReadOnlyMemory<byte> ReadBlock(int index) => _blocks!.ReadBlock(BlockKind.Checkpoint, _skipped + index);
}

/// <summary>Takes the content of memory from an address on.</summary>
internal delegate void MemoryWriter(ulong address, ReadOnlySpan<byte> content);
