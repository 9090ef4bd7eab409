using Determinism.Scheduling;

namespace Determinism;

/// <summary>How the recordings of a host are made.</summary>
public sealed record DeterminismOptions
{
    /// <summary>Which vCPU runs when.</summary>
    public SchedulingMode Scheduling { get; set; } = SchedulingMode.Parallel;

    /// <summary>How long a holder keeps what was handed to it, or in serialised recording its quantum; null for the
    /// scheduler's own.</summary>
    public TimeSpan? HoldTime { get; set; }

    /// <summary>Seed of the chaos scheduler.</summary>
    public ulong Seed { get; set; }

    /// <summary>Events of an agent between two whole digests; 0 for none.</summary>
    public int DigestInterval { get; set; } = 64;

    /// <summary>Whether digests carry whole states, so that a divergence report shows both sides.</summary>
    public bool KeepStates { get; set; }

    /// <summary>How long a request for a frame may stay unanswered.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DigestInterval);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnswerTimeout, TimeSpan.Zero);
        if (HoldTime is { } hold)
            ArgumentOutOfRangeException.ThrowIfLessThan(hold, TimeSpan.Zero, nameof(HoldTime));
        if (!Enum.IsDefined(Scheduling))
            throw new ArgumentOutOfRangeException(nameof(Scheduling), Scheduling, "No such mode.");
    }

    internal IVcpuScheduler MakeScheduler(int vcpuCount) => (Scheduling, HoldTime) switch
    {
        (SchedulingMode.Serial, { } quantum) => new SerialScheduler(quantum),
        (SchedulingMode.Serial, null) => new SerialScheduler(),
        (SchedulingMode.Chaos, _) => new ChaosScheduler(Seed, vcpuCount),
        (_, { } hold) => new ParallelScheduler(hold),
        _ => new ParallelScheduler(),
    };
}
