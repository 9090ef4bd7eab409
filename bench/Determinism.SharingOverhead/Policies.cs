using Determinism.Scheduling;

namespace Determinism.SharingOverhead;

/// <summary>How sharing may be recorded in parallel, by name.</summary>
internal static class Policies
{
    /// <summary>The library's default.</summary>
    public const string Default = "default";

    private static readonly SharingPolicy s_hold = new() { HoldTime = TimeSpan.FromTicks(2_000) };
    private static readonly SharingPolicy s_longer = s_hold with { LongestHold = TimeSpan.FromMilliseconds(1) };
    private static readonly SharingPolicy s_around = s_longer with { FaultAround = 64 };

    // Each with one lever more than the one before it; then those whose length can be chosen.
    private static readonly Dictionary<string, SharingPolicy?> s_policies = new()
    {
        [Default] = null,
        ["at-once"] = SharingPolicy.AtOnce,
        ["hold"] = s_hold,
        ["hold-longer"] = s_longer,
        ["side-by-side"] = s_around,
        ["turns-only"] = s_longer with { Turn = TimeSpan.FromMilliseconds(10) },
        ["hold-1ms"] = s_hold with { HoldTime = TimeSpan.FromMilliseconds(1) },
        ["hold-10ms"] = s_hold with { HoldTime = TimeSpan.FromMilliseconds(10) },
        ["turns-2ms"] = s_around with { Turn = TimeSpan.FromMilliseconds(2) },
        ["turns-5ms"] = s_around with { Turn = TimeSpan.FromMilliseconds(5) },
        ["turns-20ms"] = s_around with { Turn = TimeSpan.FromMilliseconds(20) },
    };

    public static IReadOnlyCollection<string> Names => s_policies.Keys;

    /// <summary>A scheduler for one recording.</summary>
    public static IVcpuScheduler Make(string name) =>
        s_policies[name] is { } sharing ? new ParallelScheduler(sharing) : new ParallelScheduler();
}
