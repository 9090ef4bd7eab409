using Determinism.Machine;

namespace Determinism.Litmus;

/// <summary>How a test is recorded and replayed.</summary>
public sealed record RunSettings
{
    /// <summary>What runs the vCPUs of recordings.</summary>
    public required IMachineBackend Backend { get; init; }

    /// <summary>What runs those of replays; null for the same.</summary>
    public IMachineBackend? ReplayBackend { get; init; }

    /// <summary>The clock; retired instructions on the managed machine alone.</summary>
    public required ClockKind Clock { get; init; }

    /// <summary>Makes the scheduler of a recording, of a seed and a number of vCPUs.</summary>
    public required Func<ulong, int, IVcpuScheduler> MakeScheduler { get; init; }

    /// <summary>How often the test runs in one recording.</summary>
    public int Iterations { get; init; } = 100;

    /// <summary>Number of recordings.</summary>
    public int Recordings { get; init; } = 1;

    /// <summary>Whether no more are made once every sequentially consistent outcome has been seen.</summary>
    public bool UntilComplete { get; init; }

    /// <summary>Number of replays of each.</summary>
    public int Replays { get; init; } = 1;

    /// <summary>How far variables are from each other.</summary>
    public VariableLayout Layout { get; init; }

    /// <summary>Seed of delays and schedulers; each recording has the next.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Binary logarithm of the longest delay.</summary>
    public int DelayBits { get; init; } = 3;

    /// <summary>Whether the guest polls between any two accesses. A clock of polls can stop it there only so; with any
    /// clock there is more room for another thread in between.</summary>
    public bool IsPolled { get; init; } = true;

    /// <summary>A run that takes longer is stuck.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(2);
}
