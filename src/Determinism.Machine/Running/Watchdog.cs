namespace Determinism.Machine;

/// <summary>Ends a session that takes longer than it may, with a diagnosis made while it is still stuck.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly ITimer? _timer;
    private string? _waits;

    /// <summary>Starts it; without a limit there is no timer.</summary>
    /// <param name="surroundings">The limit, and its time.</param>
    /// <param name="session">What is ended.</param>
    /// <param name="look">Notes where everybody is, before they are made to leave.</param>
    public Watchdog(MachineSurroundings surroundings, ExecutionSession session, Action look)
    {
        TimeSpan limit = surroundings.TimeLimit;
        if (limit == Timeout.InfiniteTimeSpan)
            return;
        _timer = surroundings.Time.CreateTimer(_ =>
        {
            look();
            Interlocked.CompareExchange(ref _waits, session.DescribeWaits(), null);
            session.Cancel();
        }, null, limit, Timeout.InfiniteTimeSpan);
    }

    public bool HasExpired => Volatile.Read(ref _waits) is not null;

    /// <summary>Who waited for whom when the time was over.</summary>
    public string Waits => Volatile.Read(ref _waits) is { Length: > 0 } waits ? waits : "No agent waits for another.";

    /// <summary>Waits for a look that is under way.</summary>
    public void Dispose() => _timer?.DisposeAsync().AsTask().Wait();
}
