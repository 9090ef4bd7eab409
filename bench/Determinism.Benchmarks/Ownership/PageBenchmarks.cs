using BenchmarkDotNet.Attributes;
using Determinism.Benchmarks.StandIns;

namespace Determinism.Benchmarks.Ownership;

/// <summary>The same as in <see cref="TrackerBenchmarks"/>, of what a user would write.</summary>
[GenericTypeArguments(typeof(DictionaryPages))]
[GenericTypeArguments(typeof(ReaderWriterPages))]
public class PageBenchmarks<TPages>
    where TPages : IPages<TPages>
{
    private TPages _pages = default!;

    [Params(8, 254)]
    public int Agents { get; set; }

    [GlobalSetup(Target = nameof(Hit))]
    public void HoldOne()
    {
        Start();
        _pages.Acquire(0, 0, AccessRight.ReadWrite);
    }

    [Benchmark(OperationsPerInvoke = Scene.Hits)]
    public void Hit()
    {
        for (int time = 0; time < Scene.Hits; time++)
            _pages.Acquire(0, 0, AccessRight.ReadWrite);
    }

    [GlobalSetup(Target = nameof(FirstTouch))]
    public void WarmFirstTouch() => Warmth.Run(Start, FirstTouch);

    [IterationSetup(Target = nameof(FirstTouch))]
    public void Start() => _pages = TPages.Create(Agents, Scene.Alone);

    [Benchmark(OperationsPerInvoke = Scene.Alone)]
    public void FirstTouch() => AcquireAll(0, Scene.Alone, AccessRight.ReadWrite);

    [GlobalSetup(Target = nameof(UpgradeAlone))]
    public void WarmUpgradeAlone() => Warmth.Run(ReadAll, UpgradeAlone);

    [IterationSetup(Target = nameof(UpgradeAlone))]
    public void ReadAll()
    {
        Start();
        AcquireAll(0, Scene.Alone, AccessRight.Read);
    }

    [Benchmark(OperationsPerInvoke = Scene.Alone)]
    public void UpgradeAlone() => AcquireAll(0, Scene.Alone, AccessRight.ReadWrite);

    [GlobalSetup(Target = nameof(SharedJoin))]
    public void WarmSharedJoin() => Warmth.Run(ReadByOne, SharedJoin);

    [IterationSetup(Target = nameof(SharedJoin))]
    public void ReadByOne()
    {
        Start();
        AcquireAll(0, Scene.Shared, AccessRight.Read);
    }

    [Benchmark(OperationsPerInvoke = Scene.Shared)]
    public void SharedJoin() => AcquireAll(1, Scene.Shared, AccessRight.Read);

    [GlobalSetup(Target = nameof(UpgradeOverAllOthers))]
    public void WarmUpgradeOverAllOthers() => Warmth.Run(ReadByEverybody, UpgradeOverAllOthers);

    [IterationSetup(Target = nameof(UpgradeOverAllOthers))]
    public void ReadByEverybody()
    {
        Start();
        for (int agent = 0; agent < Agents; agent++)
            AcquireAll(agent, Scene.Crowded, AccessRight.Read);
    }

    [Benchmark(OperationsPerInvoke = Scene.Crowded)]
    public void UpgradeOverAllOthers() => AcquireAll(0, Scene.Crowded, AccessRight.ReadWrite);

    [GlobalSetup(Target = nameof(StealFromParked))]
    public void HoldOneToSteal() => HoldOne();

    [Benchmark(OperationsPerInvoke = 2)]
    public void StealFromParked()
    {
        _pages.Acquire(1, 0, AccessRight.ReadWrite);
        _pages.Acquire(0, 0, AccessRight.ReadWrite);
    }

    private void AcquireAll(int agent, ulong count, AccessRight right)
    {
        for (ulong frame = 0; frame < count; frame++)
            _pages.Acquire(agent, frame, right);
    }
}
