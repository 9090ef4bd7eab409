namespace Determinism.Benchmarks.Growth;

internal static class GrowthReport
{
    public static void Run(bool isLong) => _ = isLong;
}
