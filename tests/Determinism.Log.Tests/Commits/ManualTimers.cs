namespace Determinism.Log.Tests.Commits;

/// <summary>A source of time whose timers go when a test says so.</summary>
internal sealed class ManualTimers : TimeProvider
{
    private TimerCallback? _callback;

    public TimeSpan DueTime { get; private set; }

    public TimeSpan Period { get; private set; }

    public bool HasTimer => _callback is not null;

    public void Go() => _callback!(null);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _callback = callback;
        DueTime = dueTime;
        Period = period;
        return new One(this);
    }

    private sealed class One(ManualTimers timers) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => timers._callback = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
