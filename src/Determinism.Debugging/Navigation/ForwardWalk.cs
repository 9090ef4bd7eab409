namespace Determinism.Debugging.Navigation;

/// <summary>Looks for the first step that ends a request forward.</summary>
internal sealed class ForwardWalk(IHistory history, ResumeRequest request, PointTable points) : IHistoryObserver
{
    /// <summary>What was found; null if nothing.</summary>
    public DebugStop? Stop { get; private set; }

    /// <inheritdoc />
    public bool Taken(in HistoryStep step)
    {
        Stop = points.StopOf(step) ?? StepStop(step) ?? points.NextStop(history);
        return Stop is not null;
    }

    private DebugStop? StepStop(in HistoryStep step)
    {
        if (!request.IsStep || (request.Thread != 0 && request.Thread != step.Thread))
            return null;
        ulong address = PointTable.ProgramCounter(history, step.Thread);
        if (address >= request.RangeStart && address < request.RangeEnd)
            return null;
        // The debugger sees for itself that it has stepped onto a breakpoint, but not which kind.
        return points.NextStop(history) is { } stop && stop.Thread == step.Thread ? stop : DebugStop.Stepped(step.Thread);
    }
}
