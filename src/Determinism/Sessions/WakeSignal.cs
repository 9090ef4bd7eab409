namespace Determinism.Sessions;

/// <summary>Wakes one waiting thread; a signal that comes first is kept.</summary>
internal sealed class WakeSignal
{
    private readonly object _lock = new();
    private bool _isSet;

    public void Set()
    {
        lock (_lock)
        {
            _isSet = true;
            Monitor.Pulse(_lock);
        }
    }

    public void Reset()
    {
        lock (_lock)
            _isSet = false;
    }

    public void Wait()
    {
        lock (_lock)
        {
            while (!_isSet)
                Monitor.Wait(_lock);
            _isSet = false;
        }
    }
}
