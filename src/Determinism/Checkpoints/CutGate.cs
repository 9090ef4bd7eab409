namespace Determinism.Checkpoints;

/// <summary>Where the agents of a replay wait when they have come to a cut.</summary>
internal sealed class CutGate(int agentCount)
{
    private readonly object _lock = new();
    private volatile Cut? _cut;
    private int _standing;
    private int _gone;
    private bool _isOver;

    /// <summary>The cut at which agents are to stand; null if they go on to the end.</summary>
    public Cut? Cut => _cut;

    /// <summary>Sets another cut, or none, and lets those go on who have not come to it.</summary>
    public void MoveTo(Cut? cut)
    {
        lock (_lock)
        {
            // Who stands there stays.
            if (ReferenceEquals(_cut, cut))
                return;
            _cut = cut;
            _standing = 0;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>An agent has come to its position: waits until there is another cut, or the replay is over.</summary>
    public void Stand(Cut cut)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_cut, cut))
                return;
            _standing++;
            Monitor.PulseAll(_lock);
            while (ReferenceEquals(_cut, cut) && !_isOver)
                Monitor.Wait(_lock);
        }
    }

    /// <summary>An agent has come to the end of its stream: nothing of it will move any more.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _gone++;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Whether no agent moves.</summary>
    public bool IsStill
    {
        get
        {
            lock (_lock)
                return _standing + _gone == agentCount && !_isOver;
        }
    }

    /// <summary>Waits until no agent moves. False: the replay is over.</summary>
    public bool WaitForAll()
    {
        lock (_lock)
        {
            while (_standing + _gone < agentCount && !_isOver)
                Monitor.Wait(_lock);
            return !_isOver;
        }
    }

    public void Abort()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.PulseAll(_lock);
        }
    }
}
