using Determinism.Scheduling;

namespace Determinism.Conformance.Tests;

public sealed class ParallelSchedulerConformance : RecordingSchedulerSpecification
{
    protected override IVcpuScheduler Create(int agentCount) => new ParallelScheduler();
}

public sealed class SerialSchedulerConformance : RecordingSchedulerSpecification
{
    protected override IVcpuScheduler Create(int agentCount) => new SerialScheduler();
}

public sealed class ChaosSchedulerConformance : RecordingSchedulerSpecification
{
    protected override IVcpuScheduler Create(int agentCount) => new ChaosScheduler(seed: 1, agentCount);
}

public sealed class ReplaySchedulerConformance : ReplaySchedulerSpecification
{
    protected override IVcpuScheduler Create(int agentCount) => new ReplayScheduler(agentCount, OwnershipScope.Frames);
}
