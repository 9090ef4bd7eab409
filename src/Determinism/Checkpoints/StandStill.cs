namespace Determinism.Checkpoints;

/// <summary>Where all agents of a session meet, so that the machine stands still for a moment.</summary>
/// <remarks>An agent stands where nothing of it is under way: before it enters the guest at a named point with nothing pinned,
/// while it waits to be woken, and for ever when it has ended. Whoever is elsewhere, in the guest or in an exit handler, goes
/// on until it gets to such a place; since those who stand are parked, it gets all that it needs meanwhile.</remarks>
internal sealed class StandStill(int agentCount)
{
    private readonly object _lock = new();
    private readonly object _holding = new();
    private volatile bool _isWanted;
    private int _standing;
    private bool _isOver;

    /// <summary>Whether agents are to stand as soon as they can.</summary>
    public bool IsWanted => _isWanted;

    /// <summary>An agent stands: until <see cref="Go"/> returns it does nothing.</summary>
    public void Stand()
    {
        lock (_lock)
        {
            _standing++;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>It would go on; returns when it may.</summary>
    /// <param name="waits">False for the bug that a test has planted.</param>
    public void Go(bool waits = true)
    {
        lock (_lock)
        {
            while (_isWanted && waits && !_isOver)
                Monitor.Wait(_lock);
            _standing--;
        }
    }

    /// <summary>Makes all stand; one at a time, others wait. False: the session is over. What was begun is ended by
    /// <see cref="Release"/>, on the same thread, in any case.</summary>
    /// <param name="kick">Makes those leave the guest who are inside.</param>
    /// <param name="patience">How long they may take.</param>
    /// <param name="time">By which clock.</param>
    /// <exception cref="HandoverTimeoutException">They took longer.</exception>
    public bool TryHold(Action kick, TimeSpan patience, TimeProvider time)
    {
        Monitor.Enter(_holding);
        lock (_lock)
        {
            if (_isOver)
                return false;
        }
        long started = time.GetTimestamp();
        _isWanted = true;
        // Set before the kick: whoever enters after it sees that it is wanted, and comes back soon.
        Interlocked.MemoryBarrier();
        kick();
        lock (_lock)
        {
            while (_standing < agentCount && !_isOver)
            {
                Monitor.Wait(_lock, patience);
                if (_standing < agentCount && time.GetElapsedTime(started) > patience)
                    throw new HandoverTimeoutException(
                        $"The machine was to stand still for longer than {patience}: {agentCount - _standing} of {agentCount} agents do not stand still.");
            }
            return !_isOver;
        }
    }

    /// <summary>Lets all go on. By whoever made them stand.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _isWanted = false;
            Monitor.PulseAll(_lock);
        }
        Monitor.Exit(_holding);
    }

    /// <summary>The session is over: nobody waits any more.</summary>
    public void Abort()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.PulseAll(_lock);
        }
    }
}
