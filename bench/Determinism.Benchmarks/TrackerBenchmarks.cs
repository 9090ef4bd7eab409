using BenchmarkDotNet.Attributes;
using Determinism.Ownership;

namespace Determinism.Benchmarks;

/// <summary>The ownership of frames: what a fault costs before and beside the machine's own part.</summary>
[MemoryDiagnoser]
public class TrackerBenchmarks
{
    private const ulong Frames = 1 << 22;

    private CrewTracker<NullSink> _tracker = null!;
    private CausalOrder _order = null!;
    private ulong _next;

    [Params(2, 8, 64, 254)]
    public int Agents { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _order = new CausalOrder(Agents);
        _tracker = new CrewTracker<NullSink>(Agents, Frames, _order, default, new CrewOptions { Time = TimeProvider.System });
        _tracker.Acquire(0, [new FrameRequest(0, AccessRight.ReadWrite)]);
        // The others wait at a named point: what they hold can be taken from them here and now.
        for (int agent = 0; agent < Agents; agent++)
            _tracker.Park(agent);
        _tracker.Unpark(0);
        _next = 1;
    }

    [Benchmark(Baseline = true)]
    public AcquireOutcome Hit() => _tracker.Acquire(0, [new FrameRequest(0, AccessRight.ReadWrite)]);

    [Benchmark]
    public AcquireOutcome FirstTouch()
    {
        if (_next == Frames)
            Setup();
        return _tracker.Acquire(0, [new FrameRequest(_next++, AccessRight.ReadWrite)]);
    }

    [Benchmark]
    public AcquireOutcome StealFromParked()
    {
        _tracker.DropPins(0);
        _tracker.DropPins(1);
        _tracker.Park(0);
        _tracker.Unpark(1);
        AcquireOutcome outcome = _tracker.Acquire(1, [new FrameRequest(0, AccessRight.ReadWrite)]);
        _tracker.DropPins(1);
        _tracker.Park(1);
        _tracker.Unpark(0);
        _tracker.Acquire(0, [new FrameRequest(0, AccessRight.ReadWrite)]);
        return outcome;
    }
}
