namespace Determinism.Sessions;

/// <summary>Lets calls in that may come at any time from any thread, until it is closed; whoever closes it waits for those
/// under way.</summary>
/// <remarks>No lock is held while a call is under way: calls go through code of the backend, and do not wait for each
/// other.</remarks>
internal sealed class CallGate
{
    private readonly object _lock = new();
    private int _underWay;
    private bool _isClosed;

    /// <summary>Begins a call; false: too late, do nothing.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            _underWay++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_underWay == 0)
                Monitor.PulseAll(_lock);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_underWay > 0)
                Monitor.Wait(_lock);
        }
    }
}
