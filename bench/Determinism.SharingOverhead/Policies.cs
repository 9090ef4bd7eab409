using Determinism.Scheduling;

namespace Determinism.SharingOverhead;

/// <summary>How sharing may be recorded in parallel, by name.</summary>
internal static class Policies
{
    /// <summary>The library's default.</summary>
    public const string Default = "hold";

    private static readonly Dictionary<string, Func<IVcpuScheduler>> s_factories = new()
    {
        [Default] = static () => new ParallelScheduler(),
        ["at-once"] = static () => new ParallelScheduler(TimeSpan.Zero),
        ["hold-1ms"] = static () => new ParallelScheduler(TimeSpan.FromMilliseconds(1)),
        ["hold-10ms"] = static () => new ParallelScheduler(TimeSpan.FromMilliseconds(10)),
    };

    public static IReadOnlyCollection<string> Names => s_factories.Keys;

    /// <summary>A scheduler for one recording.</summary>
    public static IVcpuScheduler Make(string name) => s_factories[name]();
}
