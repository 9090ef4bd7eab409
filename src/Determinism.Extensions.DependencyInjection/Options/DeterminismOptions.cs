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

    /// <summary>Time between two checkpoints, from a millisecond to 24 days; null, the default: time makes none
    /// (<see cref="SessionFactory.MakeCheckpoints"/>).</summary>
    public TimeSpan? CheckpointInterval { get; set; }

    /// <summary>Events of all agents between two checkpoints; 0, the default: they are not counted.</summary>
    public long CheckpointEvents { get; set; }

    /// <summary>Bytes of events of all agents between two checkpoints; 0, the default: they are not counted.</summary>
    public long CheckpointLogBytes { get; set; }

    /// <summary>Bytes that a flight recorder's log may have (<see cref="SessionFactory.CreateFlightRecorder"/>), at least 64 KiB; 0, the
    /// default: no bound of bytes.</summary>
    public long FlightRecorderBytes { get; set; }

    /// <summary>How much of a recording a flight recorder keeps at least if the bytes allow it, from a second to 24 days; zero, the
    /// default: no bound of time.</summary>
    public TimeSpan FlightRecorderTime { get; set; }

    internal IVcpuScheduler MakeScheduler(int vcpuCount) => (Scheduling, HoldTime) switch
    {
        (SchedulingMode.Serial, { } quantum) => new SerialScheduler(quantum),
        (SchedulingMode.Serial, null) => new SerialScheduler(),
        (SchedulingMode.Chaos, _) => new ChaosScheduler(Seed, vcpuCount),
        (_, { } hold) => new ParallelScheduler(hold),
        _ => new ParallelScheduler(),
    };
}
