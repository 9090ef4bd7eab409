namespace Determinism.Debugging.Navigation;

/// <summary>Goes forward over a piece of a history and keeps the last place at which a request backward ends.</summary>
/// <remarks>A step that ends it (by what it touched, or because it is the one to be undone) is undone: the place is before
/// it. So the debugger sees the value that a write has overwritten. A breakpoint's place is where it is next, in both
/// directions.</remarks>
internal sealed class BackwardWalk(IHistory history, ResumeRequest request, PointTable points, ulong end) : IHistoryObserver
{
    // Where the walk was before the step that is told.
    private ulong _before = history.Position;

    /// <summary>The last stop; null if there is none.</summary>
    public DebugStop? Stop { get; private set; }

    /// <summary>Where it is.</summary>
    public ulong Position { get; private set; }

    /// <summary>Looks at where the walk begins.</summary>
    public void Begin() => Keep(points.NextStop(history), history.Position);

    /// <inheritdoc />
    public bool Taken(in HistoryStep step)
    {
        bool isUndone = request.IsStep && (request.Thread == 0 || request.Thread == step.Thread);
        if (points.StopOf(step) is { } watched)
            Keep(watched, _before);
        else if (isUndone && !(Stop is not null && Position == _before))
            Keep(DebugStop.Stepped(step.Thread), _before);
        _before = history.Position;
        if (_before < end)
            Keep(points.NextStop(history), _before);
        return false;
    }

    private void Keep(DebugStop? stop, ulong position)
    {
        if (stop is null)
            return;
        Stop = stop;
        Position = position;
    }
}
