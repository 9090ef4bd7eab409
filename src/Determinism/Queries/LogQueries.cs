using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Replaying;

namespace Determinism.Queries;

/// <summary>Asks a log what it knows of a run, without replaying it: who could use a frame and when, and what came before
/// what.</summary>
/// <remarks>
/// <para>An instant is a vector of event numbers, one an agent: all events up to these have happened. It is to be closed under the
/// constraints, as those of a <see cref="Cut"/>, of <see cref="EventsBefore"/> and of a replay are.</para>
/// <para>Questions read the log from the checkpoint before what is asked, as far as it takes, and keep no more of it than
/// their answer. Thread-safe as the log's reader is.</para>
/// <para>A log that begins at a checkpoint (<see cref="LogCheckpoints.Start"/>) is asked from there on: what was before is in no
/// answer but as a number of events.</para>
/// </remarks>
public sealed partial class LogQueries
{
    // Causes from longer ago count as later than they are, which costs order nothing.
    private const int Window = 1 << 12;

    private readonly IEventLogReader _log;
    private readonly LogHeader _header;

    /// <summary>Creates it.</summary>
    /// <param name="log">The log; of one that was cut short, the part that can be replayed. It stays the caller's, and must stay open
    /// and unchanged.</param>
    /// <exception cref="LogDamagedException">The log has no readable header, or a damaged checkpoint, or another number of streams
    /// than of agents.</exception>
    public LogQueries(IEventLogReader log)
    {
        Guard.NotNull(log);
        _log = log.IsComplete || log is ClosedLog ? log : ClosedLog.Of(log);
        _header = ReplaySession.ReadHeader(log);
        if (log.StreamCount != _header.Shape.AgentCount)
            throw new LogDamagedException($"The log has {log.StreamCount} streams for {_header.Shape.AgentCount} agents.");
        Checkpoints = LogCheckpoints.ReadFrom(_log);
    }

    /// <summary>The log's checkpoints.</summary>
    public LogCheckpoints Checkpoints { get; }

    /// <summary>A cursor that reads an agent's events from one on.</summary>
    /// <param name="first">The event. The cursor is at its stream's end if there are not so many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such agent, or the number is 0, or the event lies before the log's
    /// start.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    public EventCursor ReadFrom(EventReference first)
    {
        CheckEvent(first, nameof(first));
        return EventCursors.Seek(_log, first.Agent, first.Number - 1);
    }

    /// <summary>Whether the log demands that an event comes before another: by the order of one agent's events, by constraints, or by
    /// a chain of both (their transitive closure, Lamport's "happened before").</summary>
    /// <param name="first">An event.</param>
    /// <param name="second">Another. No event comes before itself.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such event.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read that far.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public bool HappensBefore(EventReference first, EventReference second, CancellationToken cancellationToken = default) =>
        FindOrder(first, second, cancellationToken) is not null;

    /// <summary>Why an event comes before another.</summary>
    /// <param name="first">An event.</param>
    /// <param name="second">Another.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A chain from the first to the second: of each two neighbours, either both are of one agent, or the second has a
    /// constraint that names the first. Null if the log does not demand this order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such event.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read that far.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public IReadOnlyList<EventReference>? FindOrder(
        EventReference first, EventReference second, CancellationToken cancellationToken = default)
    {
        CheckThere(first, nameof(first));
        CheckThere(second, nameof(second));
        if (first.Agent == second.Agent)
            return first.Number < second.Number ? [first, second] : null;
        // What is in a cut without the first event does not come after it. The one that the log begins at is without it.
        Checkpoint? from = Checkpoints.FindLast(one => one.Cut.Positions[first.Agent].Events < first.Number);
        if (from is not null && from.Cut.Positions[second.Agent].Events >= second.Number)
            return null;
        var reach = new CausalReach(_log.StreamCount, first);
        var walk = new CausalWalk(_log, Window, from?.Cut);
        while (walk.MoveToNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            reach.Pass(walk.Current);
            if (reach.Has(second))
                return reach.ChainTo(second);
            if (walk.Current.Stream == second.Agent && walk.Current.Consumed + 1 == second.Number)
                return null;
        }
        walk.ThrowIfStuck();
        return null;
    }

    /// <summary>All that the log demands to have come before an event.</summary>
    /// <param name="one">The event.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>By agent, the number of its last event that comes before, 0 for none; of the event's own agent, the event's
    /// number. Events before the log's start count, though they are not in the log.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such event.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read that far.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public IReadOnlyList<ulong> EventsBefore(EventReference one, CancellationToken cancellationToken = default)
    {
        CheckEvent(one, nameof(one));
        Checkpoint? from = Checkpoints.FindLast(checkpoint => checkpoint.Cut.Positions[one.Agent].Events < one.Number);
        return CausalPast.Find(_log, from, one, cancellationToken) ?? CausalPast.Find(_log, null, one, cancellationToken)!;
    }

    private void CheckEvent(EventReference one, string name)
    {
        Guard.InRange((uint)one.Agent < (uint)_log.StreamCount && one.Number > 0, one, name, "No such event.");
        Guard.InRange(one.Number > EventsAtStart(one.Agent), one, name, "It lies before the log's start.");
    }

    private ulong EventsAtStart(int agent) => Checkpoints.Start?.Cut.Positions[agent].Events ?? 0;

    private void CheckThere(EventReference one, string name) => Guard.InRange(
        ReadFrom(one) is { } cursor && cursor.Consumed == one.Number - 1 && cursor.MoveToNext(), one, name, "No such event.");
}
