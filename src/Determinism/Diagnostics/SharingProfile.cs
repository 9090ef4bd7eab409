namespace Determinism.Diagnostics;

/// <summary>Who took which frame from whom, and where both were: finds false sharing.</summary>
/// <remarks>Filled under the tracker's gate; read it when the session has ended.</remarks>
public sealed class SharingProfile
{
    private readonly Dictionary<Steal, long> _steals = [];

    /// <summary>All steals so far.</summary>
    public long Count { get; private set; }

    /// <summary>The steals, most frequent first.</summary>
    public IReadOnlyList<KeyValuePair<Steal, long>> Hottest =>
        [.. _steals.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Frame)];

    internal void Add(in Steal steal)
    {
        Count++;
        _steals.TryGetValue(steal, out long count);
        _steals[steal] = count + 1;
    }
}
