using BenchmarkDotNet.Attributes;
using Determinism.Ownership;
using Determinism.Tests.Cost;

namespace Determinism.Benchmarks.Ownership;

/// <summary>The ownership of frames: what a fault costs before and beside the machine's own part.</summary>
public class TrackerBenchmarks
{
    private CrewTracker<CompletingSink> _tracker = null!;

    [Params(2, 8, 64, 254)]
    public int Agents { get; set; }

    [GlobalSetup(Target = nameof(Hit))]
    public void HoldOne()
    {
        Start();
        Acquire(0, 0, AccessRight.ReadWrite);
    }

    [Benchmark(OperationsPerInvoke = Scene.Hits)]
    public void Hit()
    {
        for (int time = 0; time < Scene.Hits; time++)
            Acquire(0, 0, AccessRight.ReadWrite);
    }

    [GlobalSetup(Target = nameof(FirstTouch))]
    public void WarmFirstTouch() => Warmth.Run(TouchLeaves, FirstTouch);

    [IterationSetup(Target = nameof(FirstTouch))]
    public void TouchLeaves()
    {
        Start();
        for (ulong frame = 0; frame < Scene.Alone; frame += Scene.Leaf)
            Acquire(0, frame, AccessRight.ReadWrite);
    }

    [Benchmark(OperationsPerInvoke = Scene.AloneOperations)]
    public void FirstTouch()
    {
        for (ulong frame = 0; frame < Scene.Alone; frame++)
        {
            if (frame % Scene.Leaf != 0)
                Acquire(0, frame, AccessRight.ReadWrite);
        }
    }

    [GlobalSetup(Target = nameof(UpgradeAlone))]
    public void WarmUpgradeAlone() => Warmth.Run(ReadAll, UpgradeAlone);

    [IterationSetup(Target = nameof(UpgradeAlone))]
    public void ReadAll()
    {
        Start();
        for (ulong frame = 0; frame < Scene.Alone; frame++)
            Acquire(0, frame, AccessRight.Read);
    }

    [Benchmark(OperationsPerInvoke = Scene.Alone)]
    public void UpgradeAlone()
    {
        for (ulong frame = 0; frame < Scene.Alone; frame++)
            Acquire(0, frame, AccessRight.ReadWrite);
    }

    [GlobalSetup(Target = nameof(SharedJoin))]
    public void WarmSharedJoin() => Warmth.Run(ReadByOne, SharedJoin);

    /// <summary>As many others were shared before: room for the sets of many agents is there.</summary>
    [IterationSetup(Target = nameof(SharedJoin))]
    public void ReadByOne()
    {
        Start();
        ReadBy(0, Scene.Shared, 2 * Scene.Shared);
        ReadBy(1, Scene.Shared, 2 * Scene.Shared);
        Rest();
        for (ulong frame = Scene.Shared; frame < 2 * Scene.Shared; frame++)
            Acquire(0, frame, AccessRight.ReadWrite);
        ReadBy(0, 0, Scene.Shared);
        Rest();
    }

    [Benchmark(OperationsPerInvoke = Scene.Shared)]
    public void SharedJoin() => ReadBy(1, 0, Scene.Shared);

    [GlobalSetup(Target = nameof(UpgradeOverAllOthers))]
    public void WarmUpgradeOverAllOthers() => Warmth.Run(ReadByEverybody, UpgradeOverAllOthers);

    [IterationSetup(Target = nameof(UpgradeOverAllOthers))]
    public void ReadByEverybody()
    {
        Start();
        for (int agent = 0; agent < Agents; agent++)
            ReadBy(agent, 0, Scene.Crowded);
        Rest();
    }

    [Benchmark(OperationsPerInvoke = Scene.Crowded)]
    public void UpgradeOverAllOthers()
    {
        for (ulong frame = 0; frame < Scene.Crowded; frame++)
            Acquire(0, frame, AccessRight.ReadWrite);
    }

    [GlobalSetup(Target = nameof(StealFromParked))]
    public void HoldOneToSteal() => HoldOne();

    [Benchmark(OperationsPerInvoke = 2)]
    public void StealFromParked()
    {
        Steal(loser: 0, winner: 1);
        Steal(loser: 1, winner: 0);
    }

    private void Steal(int loser, int winner)
    {
        _tracker.DropPins(loser);
        _tracker.Park(loser);
        _tracker.Unpark(winner);
        Acquire(winner, 0, AccessRight.ReadWrite);
    }

    // Everybody else waits at a named point: what they hold can be taken from them here and now.
    private void Start()
    {
        var order = new CausalOrder(Agents);
        _tracker = new CrewTracker<CompletingSink>(Agents, Scene.Alone, order, new CompletingSink(order),
            new CrewOptions { Time = TimeProvider.System });
        Rest();
        _tracker.Unpark(0);
    }

    private void Rest()
    {
        for (int agent = 0; agent < Agents; agent++)
        {
            _tracker.DropPins(agent);
            _tracker.Park(agent);
        }
    }

    private void ReadBy(int agent, ulong first, ulong end)
    {
        for (ulong frame = first; frame < end; frame++)
            Acquire(agent, frame, AccessRight.Read);
    }

    private AcquireOutcome Acquire(int agent, ulong frame, AccessRight right) =>
        _tracker.Acquire(agent, [new FrameRequest(frame, right)]);
}
