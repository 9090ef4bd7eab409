namespace Determinism.Machine;

/// <summary>The clock that the guest reads, in nanoseconds.</summary>
/// <remarks>What it shows is an input, which replays are given. A machine that goes on elsewhere goes on from the latest that its
/// guest has seen: time does not go back.</remarks>
internal sealed class GuestClock(TimeProvider time)
{
    private const int TickNanoseconds = 100;

    private long _epoch = time.GetTimestamp();
    private ulong _base;
    private long _latest;

    /// <summary>The latest that the guest has seen; the same in recording and replay.</summary>
    public ulong Latest => (ulong)Volatile.Read(ref _latest);

    /// <summary>Shows the guest the time. Any vCPU's thread.</summary>
    public ulong Read(AgentSession agent, InputCode code)
    {
        ulong now = agent.Input((uint)code, Now);
        long latest;
        while ((ulong)(latest = Volatile.Read(ref _latest)) < now
            && Interlocked.CompareExchange(ref _latest, (long)now, latest) != latest)
        {
        }
        return now;
    }

    /// <summary>Goes on from another machine's clock.</summary>
    public void GoOnFrom(ulong latest)
    {
        _epoch = time.GetTimestamp();
        _base = latest;
        _latest = (long)latest;
    }

    private ulong Now() => _base + ((ulong)time.GetElapsedTime(_epoch).Ticks * TickNanoseconds);
}
