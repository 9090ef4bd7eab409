using System.Globalization;

namespace Determinism.LogSpeed;

/// <summary>Measured values by row, from which medians are shown.</summary>
internal sealed class Table
{
    private readonly Dictionary<string, List<double>> _rows = [];

    public void Add(string row, double value)
    {
        if (!_rows.TryGetValue(row, out List<double>? values))
            _rows.Add(row, values = []);
        values.Add(value);
    }

    public void AddAll(string row, IEnumerable<double> values)
    {
        foreach (double value in values)
            Add(row, value);
    }

    public void Clear() => _rows.Clear();

    public void Print()
    {
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "{0,-58} {1,9} {2,9} {3,9} {4,7}", "", "median", "p10", "p90", "samples"));
        foreach ((string row, List<double> values) in _rows)
        {
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "{0,-58} {1,9:F2} {2,9:F2} {3,9:F2} {4,7}",
                row, Percentiles.Median(values), Percentiles.Of(values, 0.1), Percentiles.Of(values, 0.9), values.Count));
        }
    }

    /// <summary>How many times ours the other one takes, for rows that begin with <c>ours: </c> and <c>FasterLog: </c>.</summary>
    public void PrintRatios()
    {
        foreach ((string row, List<double> values) in _rows)
        {
            if (row.StartsWith("ours: ", StringComparison.Ordinal) && !row.Contains("allocated", StringComparison.Ordinal)
                && _rows.TryGetValue("FasterLog: " + row["ours: ".Length..], out List<double>? theirs))
                Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "FasterLog / ours, {0}: {1:F1}",
                    row["ours: ".Length..], Percentiles.Median(theirs) / Percentiles.Median(values)));
        }
    }
}
