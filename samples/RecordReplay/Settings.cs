using Determinism.Guests;
using Determinism.Scheduling;

namespace Determinism.RecordReplay;

/// <summary>What to do, from the command line.</summary>
internal sealed record Settings
{
    public required Guest Workload { get; init; }

    public required int Vcpus { get; init; }

    public required int Runs { get; init; }

    public required int Replays { get; init; }

    public required string Scheduler { get; init; }

    public required ulong Seed { get; init; }

    public required string Backend { get; init; }

    public required string ReplayBackend { get; init; }

    public required ClockKind Clock { get; init; }

    public string? LogFolder { get; init; }

    /// <summary>Bytes of a flight recorder's log; 0 for a log that is kept as a whole.</summary>
    public long KeepBytes { get; init; }

    /// <summary>A log to replay instead of recording any.</summary>
    public string? Replay { get; init; }

    /// <summary>An agent and one of its events: where <see cref="Replay"/> ends and a new execution begins.</summary>
    public (int Agent, ulong Event)? GoLiveAt { get; init; }

    public bool Json { get; init; }

    /// <summary>A fresh scheduler for one recording; chaos draws differently in each.</summary>
    public IVcpuScheduler MakeScheduler(int run) => MakeScheduler(run, Vcpus);

    /// <summary>One for a machine of so many vCPUs.</summary>
    public IVcpuScheduler MakeScheduler(int run, int vcpus) => Scheduler switch
    {
        "serial" => new SerialScheduler(),
        "chaos" => new ChaosScheduler(Seed + (ulong)run, vcpus),
        _ => new ParallelScheduler(),
    };
}
