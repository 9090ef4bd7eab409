using CsCheck;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>Random runs, and the ways of recording that the laws hold for.</summary>
public static class Runs
{
    internal static Gen<ScriptedRun> Random { get; } = Gen.Select(
        Gen.ULong, Gen.Int[2, 8], Gen.Int[5, 40], Gen.Int[1, 5], Gen.Int[0, 2], Gen.Int[10, 90], Gen.Int[6, 30],
        Gen.Bool,
        (seed, vcpus, ops, hot, shared, writes, pageShift, isHazardous) => new ScriptedRun(new ProgramShape
        {
            Seed = seed,
            Vcpus = vcpus,
            Ops = ops,
            HotFrames = hot,
            SharedFrames = shared,
            WritePercent = writes,
            PageShift = pageShift,
            MemoryBytes = 1UL << 40,
        })
        {
            Seed = seed,
            Hazards = isHazardous ? Hazards.All(seed) : Hazards.None,
        });

    public static TheoryData<ClockKind, SchedulerKind> ParallelWays => new()
    {
        { ClockKind.RetiredInstructions, SchedulerKind.Parallel },
        { ClockKind.RetiredInstructions, SchedulerKind.Greedy },
        { ClockKind.RetiredInstructions, SchedulerKind.Around },
        { ClockKind.RetiredInstructions, SchedulerKind.Chaos },
        { ClockKind.SoftwareCounter, SchedulerKind.Parallel },
        { ClockKind.SoftwareCounter, SchedulerKind.Greedy },
        { ClockKind.SoftwareCounter, SchedulerKind.Around },
        { ClockKind.SoftwareCounter, SchedulerKind.Chaos },
    };

    public static TheoryData<ClockKind, SchedulerKind> AllWays
    {
        get
        {
            TheoryData<ClockKind, SchedulerKind> ways = ParallelWays;
            ways.Add(ClockKind.RetiredInstructions, SchedulerKind.Serial);
            ways.Add(ClockKind.SoftwareCounter, SchedulerKind.Serial);
            ways.Add(ClockKind.None, SchedulerKind.Serial);
            return ways;
        }
    }

    internal static ScriptedRun For(ScriptedRun one, ClockKind clock, SchedulerKind scheduler) => one with
    {
        // Frames come along where they are next to each other.
        Shape = scheduler == SchedulerKind.Around ? one.Shape with { HotFrames = 12, AreNeighbours = true } : one.Shape,
        Clock = clock,
        Scheduler = scheduler,
        // A serialised recording is not protected: there is no protection to lose.
        Hazards = scheduler == SchedulerKind.Serial ? one.Hazards with { LostProtectionOneIn = 0 } : one.Hazards,
    };
}
