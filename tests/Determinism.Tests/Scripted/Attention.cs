namespace Determinism.Tests.Scripted;

/// <summary>Who has something to take; and whether anybody is left who could send something.</summary>
internal sealed class Attention(int agentCount)
{
    private readonly int[] _raised = new int[agentCount];
    private readonly bool[] _hasEnded = new bool[agentCount];
    private int _active = agentCount;

    public bool IsRaised(int agent)
    {
        lock (_raised)
            return _raised[agent] > 0;
    }

    public void Raise(int agent)
    {
        lock (_raised)
            _raised[agent]++;
    }

    public void Take(int agent)
    {
        lock (_raised)
            _raised[agent] = Math.Max(0, _raised[agent] - 1);
    }

    /// <summary>The agent is about to wait. True: nobody will ever wake anybody.</summary>
    public bool Rest()
    {
        lock (_raised)
        {
            _active--;
            return IsQuiet();
        }
    }

    public void Resume()
    {
        lock (_raised)
            _active++;
    }

    /// <summary>The agent has ended. True: nobody will ever wake anybody.</summary>
    public bool End(int agent)
    {
        lock (_raised)
        {
            _hasEnded[agent] = true;
            _active--;
            return IsQuiet();
        }
    }

    private bool IsQuiet()
    {
        for (int agent = 0; agent < _raised.Length; agent++)
        {
            if (!_hasEnded[agent] && _raised[agent] > 0)
                return false;
        }
        return _active == 0;
    }
}
