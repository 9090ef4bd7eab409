using System.Collections.Concurrent;
using System.Globalization;

namespace Determinism.Log.Tests.Hostile;

/// <summary>Counts mutants by what was done to them and what came of it.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<(Mutation, string), int> _counts = new();
    private long _most;

    public int Total => _counts.Values.Sum();

    /// <summary>The largest share of its bound that a reading allocated, in percent.</summary>
    public long MostAllocated => Volatile.Read(ref _most);

    public void Add(Mutation mutation, string outcome, long percent)
    {
        _counts.AddOrUpdate((mutation, outcome), 1, static (_, count) => count + 1);
        for (long most = MostAllocated; percent > most; most = MostAllocated)
            Interlocked.CompareExchange(ref _most, percent, most);
    }

    public int CountOf(string outcome) => _counts.Where(one => one.Key.Item2 == outcome).Sum(static one => one.Value);

    public override string ToString()
    {
        string[] outcomes = [.. _counts.Keys.Select(static key => key.Item2).Distinct().Order(StringComparer.Ordinal)];
        var lines = new List<string> { "mutation".PadRight(20) + string.Concat(outcomes.Select(static one => one.PadLeft(12))) };
        foreach (Mutation mutation in Enum.GetValues<Mutation>())
            lines.Add(mutation.ToString().PadRight(20) + string.Concat(outcomes.Select(outcome =>
                _counts.GetValueOrDefault((mutation, outcome)).ToString(CultureInfo.InvariantCulture).PadLeft(12))));
        lines.Add("all".PadRight(20) + string.Concat(outcomes.Select(outcome =>
            CountOf(outcome).ToString(CultureInfo.InvariantCulture).PadLeft(12))));
        return string.Join('\n', lines);
    }
}
