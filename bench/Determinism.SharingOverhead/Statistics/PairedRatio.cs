namespace Determinism.SharingOverhead.Statistics;

/// <summary>The ratio of two runs' times, by pairs of runs that were made one soon after the other.</summary>
internal class PairedRatio
{
    public PairedRatio(IReadOnlyList<double> these, IReadOnlyList<double> those)
    {
        double[] ratios = [.. these.Zip(those, static (left, right) => left / right)];
        Pairs = ratios.Length;
        Ratio = new Sample(ratios).Median;
        Upper = MedianBounds.Upper(ratios);
        Lower = MedianBounds.Lower(ratios);
    }

    public int Pairs { get; }

    /// <summary>Median of the pairs' ratios; null if there are none.</summary>
    public double? Ratio { get; }

    /// <summary>One-sided upper bound of the median, 95 %.</summary>
    public double? Upper { get; }

    /// <summary>One-sided lower bound of the median, 95 %.</summary>
    public double? Lower { get; }
}
