using Determinism.Debugging;

namespace Determinism.Emulation.History;

/// <content>For a debugger's user.</content>
public sealed partial class RecordedHistory
{
    private HistoryCommands? _commands;

    /// <summary>Commands of <c>monitor</c> about this recording: what a debugger's user asks beyond what a debugger knows. They are
    /// listed in docs/debugging.md.</summary>
    public IReadOnlyList<MonitorCommand> Commands => (_commands ??= new HistoryCommands(this, _log)).All;

    /// <summary>Goes to the first position at which an agent has completed an event; to the end if it never does.</summary>
    /// <remarks>From the last checkpoint before it, of those that have been passed, or from where the history stands, whichever
    /// is nearer. Where all agents stand closest to the event, whatever order debuggers see, is for
    /// <see cref="Machine.TimeTravel.GoToEvent"/>.</remarks>
    /// <param name="agent">The agent.</param>
    /// <param name="number">Number of its event, from 1; 0 for the beginning, as is any that the agent had when the log begins.</param>
    /// <param name="cancellationToken">Gives it up; the history then stands anywhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such agent.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="DebugTargetException">The replay failed.</exception>
    public void SeekEvent(int agent, ulong number, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(agent);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(agent, _configuration.Shape.AgentCount);
        (int index, ulong at) = _trail.LastBefore(agent, number);
        if (CompletedEvents(agent) >= number || at > Position)
            Restart(index, at);
        if (CompletedEvents(agent) < number)
            Advance(ulong.MaxValue, new EventWatch(this, agent, number), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>How many events an agent has completed here.</summary>
    internal ulong CompletedEvents(int agent) => _replay.Session.Agent(agent).CompletedEvents;

    private sealed class EventWatch(RecordedHistory history, int agent, ulong number) : IHistoryObserver
    {
        public bool Taken(in HistoryStep step) => history.CompletedEvents(agent) >= number;
    }
}
