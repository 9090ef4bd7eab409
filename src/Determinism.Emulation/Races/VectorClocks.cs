namespace Determinism.Emulation.Races;

/// <summary>Each agent's knowledge of how far the others are, by synchronisation alone.</summary>
internal sealed class VectorClocks
{
    private readonly uint[][] _clocks;

    public VectorClocks(int agents)
    {
        _clocks = new uint[agents][];
        for (int agent = 0; agent < agents; agent++)
        {
            _clocks[agent] = new uint[agents];
            // An epoch of zero would be no epoch.
            _clocks[agent][agent] = 1;
        }
    }

    /// <summary>An agent's own time.</summary>
    public uint Now(int agent) => _clocks[agent][agent];

    /// <summary>Whether an access came before all that an agent does from now on.</summary>
    public bool IsBefore(Epoch epoch, int agent) => epoch.Clock <= _clocks[agent][epoch.Agent];

    /// <summary>What whoever learns from the agent now gets to know; its own time goes on.</summary>
    public uint[] Release(int agent)
    {
        var known = (uint[])_clocks[agent].Clone();
        _clocks[agent][agent] = checked(_clocks[agent][agent] + 1);
        return known;
    }

    /// <summary>An agent learns what was released.</summary>
    public void Acquire(int agent, uint[] released) => Join(_clocks[agent], released);

    public static void Join(uint[] into, uint[] other)
    {
        for (int agent = 0; agent < into.Length; agent++)
            into[agent] = Math.Max(into[agent], other[agent]);
    }
}
