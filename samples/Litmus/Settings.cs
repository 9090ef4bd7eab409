using Determinism.RecordReplay;
using Determinism.Scheduling;

namespace Determinism.Litmus;

/// <summary>What to do, from the command line.</summary>
internal sealed record Settings
{
    public required string Folder { get; init; }

    public required string Backend { get; init; }

    public required string ReplayBackend { get; init; }

    public required ClockKind Clock { get; init; }

    public required string Scheduler { get; init; }

    public required ulong Slice { get; init; }

    public required ulong Seed { get; init; }

    public required int Runs { get; init; }

    public required int Recordings { get; init; }

    public required bool UntilComplete { get; init; }

    public required int Replays { get; init; }

    public required VariableLayout Layout { get; init; }

    public required int DelayBits { get; init; }

    public required bool Unrecorded { get; init; }

    public required bool Json { get; init; }

    public RunSettings ToRunSettings() => new()
    {
        Backend = Backends.Find(Backend), ReplayBackend = Backends.Find(ReplayBackend), Clock = Clock,
        MakeScheduler = (seed, vcpus) => Scheduler switch
        {
            "serial" => new SerialScheduler(),
            "chaos" => new ChaosScheduler(seed, vcpus, Slice),
            _ => new ParallelScheduler(),
        },
        Iterations = Runs, Recordings = Recordings, UntilComplete = UntilComplete, Replays = Replays, Layout = Layout,
        Seed = Seed, DelayBits = DelayBits,
        // Far beyond any run: a guard against a guest that never ends.
        TimeLimit = TimeSpan.FromMinutes(5) + (Runs * TimeSpan.FromMilliseconds(50)),
        // Polls take time, in which store buffers empty; without a recording nobody stops there.
        IsPolled = !Unrecorded,
    };
}
