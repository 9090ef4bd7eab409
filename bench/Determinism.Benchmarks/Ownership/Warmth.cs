using System.Diagnostics;

namespace Determinism.Benchmarks.Ownership;

/// <summary>Iterations of one invocation are too few for the runtime to compile what they call for the last time.</summary>
internal static class Warmth
{
    public static void Run(Action prepare, Action body)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(600))
        {
            prepare();
            body();
        }
    }
}
