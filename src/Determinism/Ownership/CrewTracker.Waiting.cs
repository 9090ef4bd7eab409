namespace Determinism.Ownership;

/// <content>How a request waits for a change, and how it hears of one.</content>
public sealed partial class CrewTracker<TSink>
{
    private static readonly TimeSpan s_shortestSleep = TimeSpan.FromMilliseconds(1);

    private long _changes;
    private int _sleeping;

    private void WakeWaiters()
    {
        lock (_gate)
            Pulse();
    }

    /// <summary>Something has changed that others may wait for. Under the gate.</summary>
    private void Pulse()
    {
        Volatile.Write(ref _changes, _changes + 1);
        if (_sleeping > 0)
            Monitor.PulseAll(_gate);
    }

    /// <summary>Waits until something changes that was not seen yet, or patience ends. Under the gate, which is left meanwhile.</summary>
    /// <remarks>An answer often comes sooner than a sleeping thread could be woken, and Monitor waits whole milliseconds
    /// only: so the first part of the wait is a look at the count of changes. Where such looks are in vain, because answers
    /// take long or there are more threads than processors, there are none.</remarks>
    private void WaitForChange(Waiter waiter, long seen, TimeSpan patience)
    {
        long started = _options.Time.GetTimestamp();
        bool isShort = patience < s_shortestSleep;
        TimeSpan longest = isShort ? patience : waiter.Looks.Longest;
        if (longest > TimeSpan.Zero)
        {
            Monitor.Exit(_gate);
            Looks.Look(new ChangeSince(this, seen), longest, _options.Time);
            Monitor.Enter(_gate);
        }
        if (!isShort && _changes == seen)
        {
            _sleeping++;
            Monitor.Wait(_gate, patience);
            _sleeping--;
        }
        if (_changes != seen)
            waiter.Looks.Count(_options.Time.GetElapsedTime(started));
    }

    private readonly struct ChangeSince(CrewTracker<TSink> tracker, long seen) : IAwaited
    {
        public bool HasCome => Volatile.Read(ref tracker._changes) != seen;
    }
}
