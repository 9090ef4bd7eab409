namespace Determinism.SharingOverhead.Statistics;

/// <summary>Whether recording in parallel takes no longer than recording one vCPU at a time, or hardly, by pairs of runs that were made
/// one soon after the other.</summary>
internal sealed class SerialBound(IReadOnlyList<double> recorded, IReadOnlyList<double> serial)
    : PairedRatio(recorded, serial)
{
    /// <summary>Fewer pairs give no verdict.</summary>
    public const int LeastPairs = 11;

    /// <summary>Parallel may be slower by what it costs to find out that it does not pay.</summary>
    public const double MostRatio = 1.05;

    /// <summary>What the ratio may be at most, with confidence.</summary>
    public const double MostUpper = 1.10;

    public string Verdict =>
        Pairs < LeastPairs ? "n/a"
        : Ratio <= MostRatio && Upper <= MostUpper ? "holds"
        : Lower > MostRatio ? "fails" : "inconclusive";
}
