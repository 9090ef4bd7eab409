using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Replaying;

namespace Determinism.Queries;

/// <summary>Asks a log what it knows of a run, without replaying it: who owned a frame and when, and what came before
/// what.</summary>
/// <remarks>Thread-safe as the log's reader is. Each question reads the log, as far as it takes; none keeps more of it in memory
/// than its answer and a few bytes an event.</remarks>
public sealed class LogQueries
{
    private readonly IEventLogReader _log;
    private readonly LogHeader _header;

    /// <summary>Creates it.</summary>
    /// <param name="log">The log; stays the caller's, and must stay open and unchanged.</param>
    /// <exception cref="LogDamagedException">The log has no readable header, or a damaged checkpoint.</exception>
    public LogQueries(IEventLogReader log)
    {
        _log = Guard.NotNull(log);
        _header = ReplaySession.ReadHeader(log);
        Checkpoints = LogCheckpoints.ReadFrom(log);
    }

    /// <summary>The log's checkpoints.</summary>
    public LogCheckpoints Checkpoints { get; }

    /// <summary>Every change of an agent's right to a frame, in an order that keeps all constraints: the same one each
    /// time.</summary>
    /// <remarks>An agent that holds the baton (the machine's last frame: <see cref="MachineShape.FrameCount"/> less one) alone needs no other frame, so ask for that
    /// one too; so does every agent of a serialised recording.</remarks>
    /// <param name="frame">The frame: RAM first, then pseudo-frames.</param>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such frame.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read, or an event waits for one that never comes.</exception>
    public IReadOnlyList<OwnershipChange> OwnershipHistory(ulong frame)
    {
        CheckFrame(frame);
        var changes = new List<OwnershipChange>();
        AccessRight[] rights = StartRights(frame);
        var walk = new CausalWalk(_log);
        while (walk.MoveToNext())
        {
            EventCursor cursor = walk.Current;
            ref readonly StreamEvent one = ref cursor.Next;
            if (one.Kind is not (EventKind.Elevation or EventKind.Reduction) || one.Frame != frame)
                continue;
            ref AccessRight right = ref rights[cursor.Stream];
            changes.Add(new OwnershipChange(
                new EventReference(cursor.Stream, cursor.Consumed + 1), one.Place, one.Position, right, one.NewRight));
            right = one.NewRight;
        }
        if (_log.IsComplete)
            walk.ThrowIfStuck();
        return changes;
    }

    /// <summary>Each agent's right to a frame at a cut.</summary>
    /// <param name="frame">The frame: RAM first, then pseudo-frames.</param>
    /// <param name="cut">The cut, of this log.</param>
    /// <returns>Rights, by agent. See <see cref="OwnershipHistory"/> for who needs none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such frame.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    public IReadOnlyList<AccessRight> RightsAt(ulong frame, Cut cut)
    {
        CheckFrame(frame);
        IReadOnlyList<AgentPosition> positions = Guard.NotNull(cut).Positions;
        AccessRight[] rights = StartRights(frame);
        for (int agent = 0; agent < rights.Length; agent++)
        {
            var cursor = new EventCursor(_log, agent, rights.Length);
            while (cursor.Consumed < positions[agent].Events && cursor.MoveToNext())
            {
                if (cursor.Next.Kind is EventKind.Elevation or EventKind.Reduction && cursor.Next.Frame == frame)
                    rights[agent] = cursor.Next.NewRight;
                cursor.Consume();
            }
        }
        return rights;
    }

    /// <summary>Whether the log demands that an event comes before another: by the order of one agent's events, by constraints, or by
    /// a chain of both (the transitive closure; Lamport's "happened before").</summary>
    /// <param name="first">An event.</param>
    /// <param name="second">Another. No event comes before itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such agent, or it has not so many events as the second's
    /// number.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read that far.</exception>
    public bool HappensBefore(EventReference first, EventReference second) => FindOrder(first, second) is not null;

    /// <summary>Why an event comes before another.</summary>
    /// <param name="first">An event.</param>
    /// <param name="second">Another.</param>
    /// <returns>A chain from the first to the second: of each two neighbours, either both are of one agent, or the second has a
    /// constraint that names the first. Null if the log does not order the two so.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such agent, or it has not so many events as the second's
    /// number.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read that far.</exception>
    public IReadOnlyList<EventReference>? FindOrder(EventReference first, EventReference second)
    {
        CheckEvent(first, nameof(first));
        CheckEvent(second, nameof(second));
        if (first.Agent == second.Agent)
            return first.Number < second.Number ? [first, second] : null;
        // A checkpoint's cut holds all that comes before what it holds, and so nothing that comes after the first.
        Checkpoint? from = Checkpoints.FindLast(one => one.Cut.Positions[first.Agent].Events < first.Number);
        if (from is not null && from.Cut.Positions[second.Agent].Events >= second.Number)
            return null;
        CausalPast past = PastOf(second, from?.Cut);
        return past.TryFind(first) ? past.ChainFrom(first) : null;
    }

    /// <summary>All that the log demands to have come before an event.</summary>
    /// <param name="one">The event.</param>
    /// <returns>Numbers of events, by agent: the event's own agent's includes itself.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such agent or event.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read that far.</exception>
    public IReadOnlyList<ulong> EventsBefore(EventReference one)
    {
        CheckEvent(one, nameof(one));
        CausalPast past = PastOf(one, null);
        past.Complete();
        return past.Needed;
    }

    private CausalPast PastOf(EventReference one, Cut? from) =>
        new(agent => EventCursors.After(_log, agent, from?.Positions[agent].Events ?? 0), _log.StreamCount, one);

    /// <summary>Without an event, every agent may read the baton from the start, where each frame is owned.</summary>
    private AccessRight[] StartRights(ulong frame)
    {
        var rights = new AccessRight[_log.StreamCount];
        if (frame == _header.Shape.BatonFrame && _header.Scope == OwnershipScope.Frames)
            rights.AsSpan().Fill(AccessRight.Read);
        return rights;
    }

    private void CheckFrame(ulong frame) =>
        Guard.InRange(frame < _header.Shape.FrameCount, frame, nameof(frame), "The machine has no such frame.");

    private void CheckEvent(EventReference one, string name) =>
        Guard.InRange((uint)one.Agent < (uint)_log.StreamCount && one.Number > 0, one, name, "No such event.");
}
