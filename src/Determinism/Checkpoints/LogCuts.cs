using Determinism.Log;
using Determinism.Replaying;

namespace Determinism.Checkpoints;

/// <summary>Finds the instants of a recorded machine: for an event or a point of one agent, where all the others stand
/// then.</summary>
/// <remarks>
/// <para>What has happened then is the least that the log allows: the target, all that must come before it, and the last
/// checkpoint before it on its agent, so that a replay to the cut is never longer than from one checkpoint to the next. What
/// happens at one place of an agent, up to an asynchronous event there, is one: a cut lies before or after all of it.</para>
/// <para>Thread-safe as the log's reader is. The log's events are read, from the checkpoint on, and no others.</para>
/// </remarks>
public sealed class LogCuts
{
    private readonly IEventLogReader _log;
    private readonly LogHeader _header;

    /// <summary>Creates it.</summary>
    /// <param name="log">The log; stays the caller's, and must stay open and unchanged.</param>
    /// <param name="checkpoints">Its checkpoints.</param>
    /// <exception cref="LogDamagedException">The log has no readable header, or another number of streams than of agents.</exception>
    public LogCuts(IEventLogReader log, LogCheckpoints checkpoints)
    {
        _log = Guard.NotNull(log);
        Checkpoints = Guard.NotNull(checkpoints);
        _header = ReplaySession.ReadHeader(log);
        if (log.StreamCount != _header.Shape.AgentCount)
            throw new LogDamagedException($"The log has {log.StreamCount} streams for {_header.Shape.AgentCount} agents.");
        Start = checkpoints.Start?.Cut ?? new Cut(new AgentPosition[log.StreamCount]);
    }

    /// <summary>Where every agent is before anything of the log has happened.</summary>
    public Cut Start { get; }

    /// <summary>The log's checkpoints.</summary>
    public LogCheckpoints Checkpoints { get; }

    /// <summary>Whether vCPUs can be stopped at any count (<see cref="AtCount"/>); otherwise at events alone.</summary>
    public bool HasCounts => _header.Clock is ClockKind.RetiredInstructions or ClockKind.HardwareBranches;

    /// <summary>The cut right after an event, and after all else that happened with it.</summary>
    /// <param name="agent">Whose event.</param>
    /// <param name="number">Its number, from 1; 0 for the start, as is any that the agent had when the log begins.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such agent or event.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    public Cut AfterEvent(int agent, ulong number)
    {
        CheckAgent(agent, _log.StreamCount);
        if (number <= Start.Positions[agent].Events)
            return Start;
        CutWalk walk = Begin(Checkpoints.FindLast(one => one.Cut.Positions[agent].Events < number));
        if (!walk.TryReach(agent, number))
            throw new ArgumentOutOfRangeException(nameof(number), number, $"Agent {agent} has not so many events.");
        return walk.Close();
    }

    /// <summary>The cut at a count of a vCPU's clock, with all that happened at that count; at the vCPU's end, if it ended
    /// before, or where the recording was detached. Later, where another agent can stand only after it has got something that the
    /// vCPU has not given away before.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="count">The count.</param>
    /// <exception cref="InvalidOperationException">The clock of the recording does not stop everywhere.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU, or the count lies before the log's start.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    public Cut AtCount(int vcpu, ulong count)
    {
        CheckAgent(vcpu, _header.Shape.VcpuCount);
        if (!HasCounts)
            throw new InvalidOperationException($"A recording with the clock {_header.Clock} is stopped at events only.");
        Guard.InRange(count >= Start.Positions[vcpu].Position, count, nameof(count), "Before the log's start.");
        Checkpoint? from = Checkpoints.FindLast(one => one.Cut.Positions[vcpu].Position <= count);
        CutWalk walk = Begin(from);
        walk.ReachCount(vcpu, count, from?.HasEnded(vcpu) ?? false);
        Cut cut = walk.Close();
        // Behind the place where the recording was detached nobody knows what comes.
        return LogEnd.Find(_log)?.Positions[vcpu] is { } end && end.Events == cut.Positions[vcpu].Events && end.Position < count
            ? cut.With(vcpu, end) : cut;
    }

    /// <summary>What a vCPU does after an event, up to its next.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="number">Number of the event, from 1; 0 for the start. The interval begins where <see cref="AfterEvent"/> leads
    /// to: at others behind it if they are at its place.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU or event.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    public EventInterval IntervalAfter(int vcpu, ulong number)
    {
        CheckAgent(vcpu, _header.Shape.VcpuCount);
        ulong events = AfterEvent(vcpu, number).Positions[vcpu].Events;
        // By its last event, so that it is the same interval whichever of them names it: there may be a checkpoint among them.
        Cut start = AfterEvent(vcpu, events);
        bool hasNext = EventCursors.After(_log, vcpu, events).MoveToNext();
        return new EventInterval(start, hasNext ? start.With(vcpu, AgentPosition.BeforeNext(events)) : null);
    }

    /// <summary>The part of an interval that begins at a poll in it.</summary>
    /// <param name="interval">The interval, up to another event.</param>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="count">What the vCPU's software counter shows at the poll. That it lies in the interval is found out by the
    /// replay, which diverges where it does not.</param>
    /// <exception cref="InvalidOperationException">The clock of the recording is not the software counter.</exception>
    /// <exception cref="ArgumentException">The poll lies before the interval, or nothing comes after it.</exception>
    public EventInterval FromPoll(EventInterval interval, int vcpu, ulong count)
    {
        CheckAgent(vcpu, _header.Shape.VcpuCount);
        if (_header.Clock != ClockKind.SoftwareCounter)
            throw new InvalidOperationException($"A recording with the clock {_header.Clock} has no polls.");
        AgentPosition start = Guard.NotNull(interval).Start.Positions[vcpu];
        if (interval.End is null || (start.Place == PlaceKind.Count && start.Position > count))
            throw new ArgumentException($"Poll {count} does not lie between {start} and the vCPU's next event.", nameof(count));
        return interval with { Start = interval.Start.With(vcpu, new AgentPosition(start.Events, PlaceKind.Count, count)) };
    }

    /// <summary>The last cut that is found on the way to another, and at which a machine can be taken over by another backend
    /// (<see cref="ReplaySession.TakeSnapshot"/>): every agent stands where nothing of it is under way.</summary>
    /// <param name="target">The other, of this log.</param>
    /// <returns>The cut, behind the last checkpoint before the target; null if there is none.</returns>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    public Cut? FindTakeOver(Cut target)
    {
        const ulong FirstStep = 8;
        IReadOnlyList<AgentPosition> goal = Guard.NotNull(target).Positions;
        Checkpoint? from = LastBefore(target);
        for (ulong back = 0; ; back = Math.Max(FirstStep, back * 4))
        {
            CutWalk walk = Begin(from);
            bool hasMoved = false;
            for (int agent = 0; agent < goal.Count; agent++)
            {
                ulong events = goal[agent].Events - Math.Min(goal[agent].Events, back);
                hasMoved |= events > (from?.Cut ?? Start).Positions[agent].Events && walk.TryReach(agent, events);
            }
            Cut found = KeepPolls(walk.Settle(_header.Shape.VcpuCount), target);
            if (found.IsWithin(target) && !found.IsSame(from?.Cut ?? Start))
                return found;
            if (!hasMoved)
                return null;
        }
    }

    /// <summary>The first cut that is found at or behind another, and at which nothing of any agent is under way
    /// (<see cref="ReplaySession.TakeSnapshot"/>): what was is done, and all that had to come before that.</summary>
    /// <param name="cut">The other, of this log.</param>
    /// <exception cref="LogDamagedException">The log cannot be read up to there.</exception>
    public Cut Settle(Cut cut)
    {
        IReadOnlyList<AgentPosition> goal = Guard.NotNull(cut).Positions;
        Checkpoint? from = LastBefore(cut);
        CutWalk walk = Begin(from);
        for (int agent = 0; agent < goal.Count; agent++)
        {
            ulong events = goal[agent].Events + (agent < _header.Shape.VcpuCount && HasMoreAt(agent, goal[agent]) ? 1UL : 0);
            if (events > (from?.Cut ?? Start).Positions[agent].Events)
                walk.TryReach(agent, events);
        }
        Cut settled = KeepPolls(walk.Settle(_header.Shape.VcpuCount), cut);
        // A device that has had its last event waits where the recording was detached: what it did before that had no events.
        for (int agent = _header.Shape.VcpuCount; LogEnd.Find(_log) is { } end && agent < goal.Count; agent++)
        {
            if (settled.Positions[agent].Events == end.Positions[agent].Events)
                settled = settled.With(agent, end.Positions[agent]);
        }
        return settled;
    }

    /// <summary>The last checkpoint that a replay can come to a cut from; null if there is none but the start.</summary>
    /// <param name="cut">The cut.</param>
    public Checkpoint? LastBefore(Cut cut)
    {
        Guard.NotNull(cut);
        return Checkpoints.FindLast(one => one.Cut.IsSame(cut) || one.Cut.IsWithin(cut));
    }

    /// <summary>A vCPU that has come to the target's last event goes on to the target's poll behind it, unless something arrives there:
    /// that is done before it enters the guest, and so it is under way.</summary>
    private Cut KeepPolls(Cut found, Cut target)
    {
        for (int vcpu = 0; vcpu < _header.Shape.VcpuCount; vcpu++)
        {
            AgentPosition position = target.Positions[vcpu];
            if (found.Positions[vcpu].Events == position.Events && !position.IsBeforeNext && !HasMoreAt(vcpu, position))
                found = found.With(vcpu, target.Positions[vcpu]);
        }
        return found;
    }

    /// <summary>Whether a vCPU's next event is where it stands.</summary>
    private bool HasMoreAt(int vcpu, AgentPosition position)
    {
        EventCursor cursor = EventCursors.After(_log, vcpu, position.Events);
        return cursor.MoveToNext() && cursor.Next.Place == position.Place && cursor.Next.Position == position.Position;
    }

    private CutWalk Begin(Checkpoint? from) => new(_log, (from?.Cut ?? Start).Positions);

    private static void CheckAgent(int agent, int count) =>
        Guard.InRange((uint)agent < (uint)count, agent, nameof(agent), "No such agent.");
}
