using Determinism.Scheduling;

namespace Determinism;

/// <summary>How the recordings of a host are made.</summary>
/// <remarks>Read once, when the <see cref="SessionFactory"/> is made; later changes have no effect. Values out of their
/// range fail the host's start, or the first resolution of the factory, with
/// <see cref="Microsoft.Extensions.Options.OptionsValidationException"/>.</remarks>
public sealed record DeterminismOptions
{
    /// <summary>Which vCPU runs when. Default: all in parallel.</summary>
    public SchedulingMode Scheduling { get; set; } = SchedulingMode.Parallel;

    /// <summary>How long a holder keeps what was handed to it, or in serialised recording its quantum; zero or more, and
    /// less than <see cref="AnswerTimeout"/>; null for the scheduler's own. Chaos does not use it.</summary>
    public TimeSpan? HoldTime { get; set; }

    /// <summary>Seed of the chaos scheduler; the others do not use it.</summary>
    public ulong Seed { get; set; }

    /// <summary>Events of an agent between two whole digests; 0 for none.</summary>
    public int DigestInterval { get; set; } = 64;

    /// <summary>Whether digests carry whole states, so that a divergence report shows both sides.</summary>
    public bool KeepStates { get; set; }

    /// <summary>How long a request for a frame may stay unanswered; more than zero, at most 24 days.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal IVcpuScheduler MakeScheduler(int vcpuCount) => (Scheduling, HoldTime) switch
    {
        (SchedulingMode.Serial, { } quantum) => new SerialScheduler(quantum),
        (SchedulingMode.Serial, null) => new SerialScheduler(),
        (SchedulingMode.Chaos, _) => new ChaosScheduler(Seed, vcpuCount),
        (_, { } hold) => new ParallelScheduler(hold),
        _ => new ParallelScheduler(),
    };
}
