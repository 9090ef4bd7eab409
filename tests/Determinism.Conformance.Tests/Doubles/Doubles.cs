namespace Determinism.Conformance.Tests;

public sealed class InMemoryTrackerConformance : PageOwnershipTrackerSpecification
{
    protected override IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink) =>
        new InMemoryTracker(agentCount, frameCount, sink);
}

public sealed class FlakyTrackerConformance : PageOwnershipTrackerSpecification
{
    protected override int StressRounds => 200;

    protected override IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink) =>
        new FlakyTracker(new InMemoryTracker(agentCount, frameCount, sink), new FlakyOptions());
}

public sealed class InMemoryEventLogConformance : EventLogSpecification
{
    protected override IEventLog Create(int streamCount) => new InMemoryEventLog(streamCount);

    protected override IEventLogReader Reopen(IEventLog log) => (InMemoryEventLog)log;
}

public sealed class FlakyEventLogConformance : EventLogSpecification
{
    protected override IEventLog Create(int streamCount) =>
        new FlakyEventLog(new InMemoryEventLog(streamCount), new FlakyOptions { DelayOneIn = 50 });

    protected override IEventLogReader Reopen(IEventLog log) => (InMemoryEventLog)((FlakyEventLog)log).Inner;
}

public sealed class NullSchedulerConformance : RecordingSchedulerSpecification
{
    protected override IVcpuScheduler Create(int agentCount) => new NullScheduler();
}

public sealed class InMemorySchedulerConformance : ReplaySchedulerSpecification
{
    protected override IVcpuScheduler Create(int agentCount) => new InMemoryScheduler(agentCount);
}

public sealed class FlakySchedulerConformance : ReplaySchedulerSpecification
{
    protected override IVcpuScheduler Create(int agentCount) =>
        new FlakyScheduler(new InMemoryScheduler(agentCount), new FlakyOptions { DelayOneIn = 30 });
}
