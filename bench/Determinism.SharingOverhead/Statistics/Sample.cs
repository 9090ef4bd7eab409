namespace Determinism.SharingOverhead.Statistics;

/// <summary>Values measured alike, and where they lie.</summary>
internal sealed class Sample
{
    private readonly List<double> _values = [];

    public Sample()
    {
    }

    public Sample(IEnumerable<double> values) => _values.AddRange(values);

    public IReadOnlyList<double> Values => _values;

    /// <summary>Null if there are none.</summary>
    public double? Median => Quantile(0.5);

    public double? LowerQuartile => Quantile(0.25);

    public double? UpperQuartile => Quantile(0.75);

    public void Add(double value) => _values.Add(value);

    /// <summary>Between neighbours in proportion; null if there are no values.</summary>
    /// <param name="share">From 0, the least, to 1, the greatest.</param>
    public double? Quantile(double share)
    {
        if (_values.Count == 0)
            return null;
        double[] sorted = [.. _values.Order()];
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 == sorted.Length
            ? sorted[below]
            : sorted[below] + ((position - below) * (sorted[below + 1] - sorted[below]));
    }
}
