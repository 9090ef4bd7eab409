using System.Reflection;

namespace Determinism.Conformance.Tests;

/// <summary>The specifications, each over something broken, with little patience.</summary>
internal static class Specimens
{
    private const ulong Data = 0x4000;

    public static TimeSpan Patience { get; } = TimeSpan.FromMilliseconds(250);

    public static object Tracker(TrackerFlaw flaw, ulong seed) => new BrokenTrackerFacts(flaw, seed);

    public static object TrackerCost(TrackerFlaw flaw) => new BrokenTrackerCosts(flaw);

    public static object Log(LogFlaw flaw) => new BrokenLogFacts(flaw);

    public static object LogCost() => new BrokenLogCosts();

    public static object Recording(SchedulerFlaw flaw) => new BrokenRecordingFacts(flaw);

    public static object Replay(SchedulerFlaw flaw) => new BrokenReplayFacts(flaw);

    public static object Serial(MachineFlaw flaw) => new BrokenSerialFacts(flaw);

    public static object Parallel(MachineFlaw flaw) => new BrokenParallelFacts(flaw);

    public static object Asynchronous(MachineFlaw flaw) => new BrokenAsynchronousFacts(flaw);

    public static object Forced(MachineFlaw flaw) => new BrokenForcedFacts(flaw);

    private sealed class BrokenTrackerFacts(TrackerFlaw flaw, ulong seed) : PageOwnershipTrackerSpecification
    {
        protected override TimeSpan Patience => Specimens.Patience;

        protected override int StressRounds => 200;

        protected override ulong StressSeed => seed;

        protected override IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink) =>
            new BrokenTracker(flaw, agentCount, frameCount, sink);
    }

    private sealed class BrokenTrackerCosts(TrackerFlaw flaw) : PageOwnershipTrackerCostSpecification
    {
        protected override IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink) =>
            new BrokenTracker(flaw, agentCount, frameCount, sink);
    }

    private sealed class BrokenLogFacts(LogFlaw flaw) : EventLogSpecification
    {
        protected override IEventLog Create(int streamCount) => new BrokenLog(flaw, streamCount);

        protected override IEventLogReader Reopen(IEventLog log) => (BrokenLog)log;
    }

    private sealed class BrokenLogCosts : EventLogCostSpecification
    {
        protected override IEventLog Create(int streamCount) => new BrokenLog(LogFlaw.Allocates, streamCount);
    }

    private sealed class BrokenRecordingFacts(SchedulerFlaw flaw) : RecordingSchedulerSpecification
    {
        protected override TimeSpan Patience => Specimens.Patience;

        protected override IVcpuScheduler Create(int agentCount) => new BrokenScheduler(flaw, new NullScheduler(), agentCount);
    }

    private sealed class BrokenReplayFacts(SchedulerFlaw flaw) : ReplaySchedulerSpecification
    {
        protected override TimeSpan Patience => Specimens.Patience;

        protected override IVcpuScheduler Create(int agentCount) =>
            new BrokenScheduler(flaw, new InMemoryScheduler(agentCount), agentCount);
    }

    private sealed class BrokenSerialFacts(MachineFlaw flaw) : SerialBackendSpecification
    {
        protected override TimeSpan Patience => Specimens.Patience;

        protected override ConformanceLevel Level => ConformanceLevel.Parallel;

        protected override Assembly OtherSpecifications => flaw == MachineFlaw.LeavesSpecificationsOut
            ? typeof(EventLogSpecification).Assembly
            : base.OtherSpecifications;

        protected override ulong DataAddress => Data;

        protected override IMachineUnderTest Create(ConformanceProgram program) => flaw == MachineFlaw.RefusesItself
            ? new RefusingMachine(program, ClockKind.SoftwareCounter, Data)
            : new BrokenMachine(flaw, program, ClockKind.SoftwareCounter, Data);
    }

    private sealed class BrokenParallelFacts(MachineFlaw flaw) : ParallelBackendSpecification
    {
        protected override TimeSpan Patience => Specimens.Patience;

        protected override int StressRounds => 60;

        protected override ulong DataAddress => Data;

        protected override IMachineUnderTest Create(ConformanceProgram program) =>
            new BrokenMachine(flaw, program, ClockKind.SoftwareCounter, Data);
    }

    private sealed class BrokenAsynchronousFacts(MachineFlaw flaw) : AsynchronousBackendSpecification
    {
        protected override TimeSpan Patience => Specimens.Patience;

        protected override ulong DataAddress => Data;

        protected override IMachineUnderTest Create(ConformanceProgram program) =>
            new BrokenMachine(flaw, program, ClockKind.RetiredInstructions, Data);
    }

    private sealed class BrokenForcedFacts(MachineFlaw flaw) : ForcedExitSpecification
    {
        protected override TimeSpan Patience => Specimens.Patience;

        protected override ulong DataAddress => Data;

        protected override IMachineUnderTest Create(ConformanceProgram program) => new BrokenForcedMachine(flaw, program, Data);
    }
}
