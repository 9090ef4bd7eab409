namespace Determinism.Machine;

/// <summary>Hints from other threads that something may be waiting for a vCPU; nothing that the guest computes depends on
/// when they are seen, since what follows from them is an event in the log.</summary>
internal sealed class VcpuSignals
{
    private int _attention;
    private int _timer;

    public bool HasAttention => Volatile.Read(ref _attention) != 0;

    public void Raise() => Volatile.Write(ref _attention, 1);

    public void RaiseTimer()
    {
        Volatile.Write(ref _timer, 1);
        Raise();
    }

    /// <summary>Takes the hint; returns whether the timer was in it.</summary>
    public bool Take()
    {
        Interlocked.Exchange(ref _attention, 0);
        return Interlocked.Exchange(ref _timer, 0) != 0;
    }
}
