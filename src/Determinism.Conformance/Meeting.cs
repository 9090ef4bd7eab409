namespace Determinism.Conformance;

/// <summary>Threads that wait for each other now and then: else one might have ended before another began, and there would
/// have been nothing to see.</summary>
internal sealed class Meeting(int count)
{
    private readonly int[] _turns = new int[count];
    private bool _isAborted;

    /// <summary>Waits until all have come to a turn, or left.</summary>
    public void Come(int who, int turn)
    {
        lock (_turns)
        {
            _turns[who] = turn;
            Monitor.PulseAll(_turns);
            while (!_isAborted && _turns.Min() < turn)
                Monitor.Wait(_turns);
        }
    }

    /// <summary>Is waited for no more.</summary>
    public void Leave(int who)
    {
        lock (_turns)
        {
            _turns[who] = int.MaxValue;
            Monitor.PulseAll(_turns);
        }
    }

    /// <summary>Lets everybody go.</summary>
    public void Abort()
    {
        lock (_turns)
        {
            _isAborted = true;
            Monitor.PulseAll(_turns);
        }
    }
}
