namespace Determinism.LogSpeed;

/// <summary>What a set of measured times comes to.</summary>
internal static class Percentiles
{
    public static double Of(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    public static double Median(IEnumerable<double> values) => Of(values, 0.5);
}
