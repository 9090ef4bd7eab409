using Determinism.Checkpoints;
using Determinism.Log;

namespace Determinism.Queries;

/// <content>Who could use a frame.</content>
public sealed partial class LogQueries
{
    /// <summary>Every change of what an agent may do with a frame.</summary>
    /// <remarks>An agent that has the whole machine alone, in turns or in a serialised recording, may do all with every frame, and
    /// the others nothing: that is a change too. What a frame's promise gives is there from the start. Enumerating reads the whole
    /// log.</remarks>
    /// <param name="frame">The frame: RAM first, then pseudo-frames.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The changes, found as they are enumerated, in an order that keeps all constraints: the same one each time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such frame.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read, or an event waits for one that never comes.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public IEnumerable<OwnershipChange> OwnershipHistory(ulong frame, CancellationToken cancellationToken = default)
    {
        CheckFrame(frame);
        return ReadChanges(frame, Checkpoints.Start, null, cancellationToken);
    }

    /// <summary>The last changes of what agents may do with a frame, before an instant.</summary>
    /// <remarks>Looks at the pieces between checkpoints, the last one first.</remarks>
    /// <param name="frame">The frame: RAM first, then pseudo-frames.</param>
    /// <param name="upTo">The instant.</param>
    /// <param name="count">How many are wanted, if there are so many.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Them, in an order that keeps all constraints.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such frame, or the number is negative.</exception>
    /// <exception cref="ArgumentException">The instant has not one number for each agent, or lies before the log's start.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public IReadOnlyList<OwnershipChange> LastOwnershipChanges(
        ulong frame, IReadOnlyList<ulong> upTo, int count, CancellationToken cancellationToken = default)
    {
        CheckFrame(frame);
        CheckInstant(upTo);
        Guard.InRange(count >= 0, count, nameof(count), "Not negative.");
        var last = new List<OwnershipChange>();
        for (IReadOnlyList<ulong>? end = upTo; end is not null && last.Count < count;)
        {
            // A piece may have many: no more are kept than are wanted.
            var piece = new Queue<OwnershipChange>();
            // What lies before the log's start is in no answer, also where nothing has happened since.
            Checkpoint? from = LastWithin(end, isBefore: end != upTo) ?? Checkpoints.Start;
            foreach (OwnershipChange one in ReadChanges(frame, from, end, cancellationToken))
            {
                if (piece.Count == count - last.Count)
                    piece.Dequeue();
                piece.Enqueue(one);
            }
            last.InsertRange(0, piece);
            end = from is null || from == Checkpoints.Start ? null : EventsOf(from.Cut);
        }
        return last;
    }

    /// <summary>What each agent may do with a frame at an instant.</summary>
    /// <param name="frame">The frame: RAM first, then pseudo-frames.</param>
    /// <param name="events">The instant.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Rights, by agent. See <see cref="OwnershipHistory"/> for agents that have the whole machine.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such frame.</exception>
    /// <exception cref="ArgumentException">The instant has not one number for each agent, or lies before the log's start, or there are
    /// not so many events.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public IReadOnlyList<AccessRight> RightsAt(ulong frame, IReadOnlyList<ulong> events, CancellationToken cancellationToken = default)
    {
        CheckFrame(frame);
        CheckInstant(events);
        Checkpoint? from = LastWithin(events, isBefore: false);
        var owners = new FrameOwners(_header, frame, from);
        for (int agent = 0; agent < events.Count; agent++)
        {
            EventCursor cursor = EventCursors.After(_log, agent, from?.Cut.Positions[agent].Events ?? 0);
            while (cursor.Consumed < events[agent])
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!cursor.MoveToNext())
                    throw new ArgumentException($"Agent {agent} has only {cursor.Consumed} events.", nameof(events));
                if (owners.Concerns(cursor.Next))
                    owners.Pass(agent, cursor.Next);
                cursor.Consume();
            }
        }
        return owners.ToArray();
    }

    /// <summary>What each agent may do with a frame at a cut.</summary>
    /// <param name="frame">The frame: RAM first, then pseudo-frames.</param>
    /// <param name="cut">The cut, of this log.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Rights, by agent. See <see cref="OwnershipHistory"/> for agents that have the whole machine.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such frame.</exception>
    /// <exception cref="ArgumentException">The cut is not of this log.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public IReadOnlyList<AccessRight> RightsAt(ulong frame, Cut cut, CancellationToken cancellationToken = default) =>
        RightsAt(frame, EventsOf(Guard.NotNull(cut)), cancellationToken);

    private IEnumerable<OwnershipChange> ReadChanges(
        ulong frame, Checkpoint? from, IReadOnlyList<ulong>? upTo, CancellationToken cancellationToken)
    {
        var owners = new FrameOwners(_header, frame, from);
        var walk = new CausalWalk(_log, Window, from?.Cut);
        while (walk.MoveToNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            EventCursor cursor = walk.Current;
            int agent = cursor.Stream;
            if (upTo is not null && cursor.Consumed >= upTo[agent])
            {
                walk.Exclude();
                continue;
            }
            if (!owners.Concerns(cursor.Next))
                continue;
            AccessRight before = owners.Pass(agent, cursor.Next);
            if (owners[agent] != before)
            {
                yield return new OwnershipChange(new EventReference(agent, cursor.Consumed + 1),
                    cursor.Next.Place, cursor.Next.Position, before, owners[agent], cursor.Next.Frame != frame);
            }
        }
        if (upTo is null)
            walk.ThrowIfStuck();
    }

    /// <summary>The last checkpoint in an instant; perhaps one that has less.</summary>
    private Checkpoint? LastWithin(IReadOnlyList<ulong> events, bool isBefore) => Checkpoints.FindLast(one =>
    {
        bool isLess = !isBefore;
        for (int agent = 0; agent < events.Count; agent++)
        {
            ulong there = one.Cut.Positions[agent].Events;
            if (there > events[agent])
                return false;
            isLess |= there < events[agent];
        }
        return isLess;
    });

    private static ulong[] EventsOf(Cut cut) => [.. cut.Positions.Select(static one => one.Events)];

    private void CheckFrame(ulong frame) =>
        Guard.InRange(frame < _header.Shape.FrameCount, frame, nameof(frame), "The machine has no such frame.");

    private void CheckInstant(IReadOnlyList<ulong> events)
    {
        if (Guard.NotNull(events).Count != _log.StreamCount)
            throw new ArgumentException($"An instant of this log has {_log.StreamCount} numbers.", nameof(events));
        for (int agent = 0; agent < events.Count; agent++)
        {
            if (events[agent] < EventsAtStart(agent))
                throw new ArgumentException($"The instant lies before the log's start, where agent {agent} has had {EventsAtStart(agent)} events.", nameof(events));
        }
    }
}
