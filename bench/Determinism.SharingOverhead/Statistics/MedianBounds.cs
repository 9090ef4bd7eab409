namespace Determinism.SharingOverhead.Statistics;

/// <summary>Confidence bounds of a median by order statistics: exact whatever the distribution is.</summary>
internal static class MedianBounds
{
    /// <summary>How often a bound may be wrong.</summary>
    public const double Error = 0.05;

    /// <summary>What the median is at most, with one-sided confidence; null if there are too few values for one.</summary>
    public static double? Upper(IReadOnlyList<double> values) =>
        Rank(values.Count) is { } rank ? values.Order().ElementAt(rank - 1) : null;

    /// <summary>What the median is at least, with one-sided confidence; null if there are too few values for one.</summary>
    public static double? Lower(IReadOnlyList<double> values) =>
        Rank(values.Count) is { } rank ? values.OrderDescending().ElementAt(rank - 1) : null;

    // The median lies above the value of rank k only if k values or more came out below the median, each of which is the
    // toss of a coin: the least k for which that is rare enough.
    private static int? Rank(int count)
    {
        double tail = 0, term = Math.Pow(0.5, count); // all of them below
        int? rank = null;
        for (int below = count; below > 0 && tail + term <= Error; below--)
        {
            tail += term;
            rank = below;
            term *= (double)below / (count - below + 1);
        }
        return rank;
    }
}
