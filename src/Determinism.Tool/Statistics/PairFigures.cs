namespace Determinism.Tool.Statistics;

/// <summary>What one agent took from another, by the constraints in the log.</summary>
internal sealed class PairFigures(int source, int agent)
{
    private readonly Dictionary<ulong, long> _frames = [];

    /// <summary>Who had to be first.</summary>
    public int Source => source;

    /// <summary>Who came after, and got the frame.</summary>
    public int Agent => agent;

    public long Constraints { get; private set; }

    public IEnumerable<KeyValuePair<ulong, long>> Hottest =>
        _frames.OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key);

    public void Add(ulong frame)
    {
        Constraints++;
        _frames[frame] = _frames.GetValueOrDefault(frame) + 1;
    }
}
