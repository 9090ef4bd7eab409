using System.Diagnostics;
using System.Globalization;

namespace Determinism.Benchmarks.Growth;

/// <summary>What grows with agents, with memory and with the length of a log, and what does not.</summary>
internal static class GrowthReport
{
    private const int Rounds = 7;

    public static void Run(bool isLong)
    {
        AgentsGrowth.Print();
        FramesGrowth.Print();
        LogGrowth.Print(isLong);
    }

    /// <summary>The fastest of some rounds, in nanoseconds an operation; what prepares a round is not measured.</summary>
    public static double Fastest(Action prepare, Action body, double operations)
    {
        double best = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            prepare();
            long start = Stopwatch.GetTimestamp();
            body();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations);
        }
        return best;
    }

    public static void Row(params ReadOnlySpan<string> cells) => Console.WriteLine($"| {string.Join(" | ", cells!)} |");

    public static string Number(double value) => value.ToString(value < 100 ? "F1" : "N0", CultureInfo.InvariantCulture);
}
