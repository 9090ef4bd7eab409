using BenchmarkDotNet.Attributes;
using Determinism.Benchmarks.StandIns;
using Determinism.Scheduling;

namespace Determinism.Benchmarks.Scheduling;

/// <summary>What the order of a log costs in replay when nobody has to wait for it.</summary>
public class WaitBenchmarks
{
    private const int Times = 1_000;

    private readonly ReplayScheduler _scheduler = new(8, OwnershipScope.Frames);
    private readonly LockedProgress _progress = new(8);
    private ulong _number;

    [GlobalSetup]
    public void Setup()
    {
        _scheduler.Publish(1, 100);
        _progress.Publish(1, 100);
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void WaitForComplete()
    {
        for (int time = 0; time < Times; time++)
            _scheduler.WaitFor(0, new OrderingConstraint(1, 50));
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void WaitForCompleteMonitor()
    {
        for (int time = 0; time < Times; time++)
            _progress.WaitFor(new OrderingConstraint(1, 50));
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void PublishToNobody()
    {
        for (int time = 0; time < Times; time++)
            _scheduler.Publish(0, ++_number);
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void PublishToNobodyMonitor()
    {
        for (int time = 0; time < Times; time++)
            _progress.Publish(0, ++_number);
    }
}
