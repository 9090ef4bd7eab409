using Determinism.Scheduling;

namespace Determinism.SharingOverhead;

/// <summary>How sharing may be recorded in parallel, by name.</summary>
internal static class Policies
{
    /// <summary>The library's default.</summary>
    public const string Default = "default";

    private static readonly TimeSpan s_hold = TimeSpan.FromTicks(2_000);

    private static readonly Dictionary<string, Func<IVcpuScheduler>> s_factories = new()
    {
        [Default] = static () => new ParallelScheduler(),
        ["at-once"] = static () => new ParallelScheduler(TimeSpan.Zero),
        ["hold"] = static () => new ParallelScheduler(s_hold),
        ["hold-1ms"] = static () => new ParallelScheduler(TimeSpan.FromMilliseconds(1)),
        ["hold-10ms"] = static () => new ParallelScheduler(TimeSpan.FromMilliseconds(10)),
        ["around"] = static () => new ParallelScheduler(new SharingPolicy { HoldTime = s_hold, FaultAround = 64 }),
        ["turns"] = static () => Turns(5),
        ["turns-1ms"] = static () => Turns(1),
        ["turns-2ms"] = static () => Turns(2),
        ["turns-10ms"] = static () => Turns(10),
    };

    private static ParallelScheduler Turns(int milliseconds) =>
        new(new SharingPolicy { HoldTime = s_hold, Turn = TimeSpan.FromMilliseconds(milliseconds) });

    public static IReadOnlyCollection<string> Names => s_factories.Keys;

    /// <summary>A scheduler for one recording.</summary>
    public static IVcpuScheduler Make(string name) => s_factories[name]();
}
