namespace Determinism.Benchmarks.Contention;

internal static class ContentionReport
{
    public static void Run()
    {
    }
}
