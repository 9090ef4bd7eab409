namespace Determinism.SharingOverhead.Statistics;

/// <summary>Whether recording in parallel takes no longer than recording one vCPU at a time, or hardly, by pairs of runs that were made
/// one soon after the other.</summary>
internal sealed class SerialBound
{
    /// <summary>Fewer pairs give no verdict.</summary>
    public const int LeastPairs = 11;

    /// <summary>Parallel may be slower by what it costs to find out that it does not pay.</summary>
    public const double MostRatio = 1.05;

    /// <summary>What the ratio may be at most, with confidence.</summary>
    public const double MostUpper = 1.10;

    public SerialBound(IReadOnlyList<double> recorded, IReadOnlyList<double> serial)
    {
        double[] ratios = [.. recorded.Zip(serial, static (left, right) => left / right)];
        Pairs = ratios.Length;
        Ratio = new Sample(ratios).Median;
        Upper = MedianBounds.Upper(ratios);
        Lower = MedianBounds.Lower(ratios);
    }

    public int Pairs { get; }

    /// <summary>Median of the pairs' recorded over serial; null if there are none.</summary>
    public double? Ratio { get; }

    /// <summary>One-sided upper bound of the median, 95 %.</summary>
    public double? Upper { get; }

    /// <summary>One-sided lower bound of the median, 95 %.</summary>
    public double? Lower { get; }

    public string Verdict =>
        Pairs < LeastPairs ? "n/a"
        : Ratio <= MostRatio && Upper <= MostUpper ? "holds"
        : Lower > MostRatio ? "fails" : "inconclusive";
}
