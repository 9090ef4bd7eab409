using Determinism.Ownership;
using Determinism.Tests.Oracle;

namespace Determinism.Tests.Ownership;

public class FaultAroundTests
{
    private const int Sweeper = 1, Owner = 0;
    private const ulong Frames = 64, Around = 48;

    private static readonly CrewOptions s_options = new()
    {
        Time = TimeProvider.System, FaultAround = 8, FaultAroundBelow = Around,
    };

    private readonly CausalOrder _order = new(3);
    private readonly TrackerObserver _observer;
    private readonly CrewTracker<ObservingSink> _tracker;

    public FaultAroundTests()
    {
        _observer = new TrackerObserver(3, _order);
        _tracker = new CrewTracker<ObservingSink>(3, Frames, _order, new ObservingSink(_observer), s_options);
    }

    [Fact]
    public void A_first_sweep_faults_less_and_less_often_and_stops_where_it_must()
    {
        // 0; 1 and 2 with it; 3 to 8 (twice 3, and itself); then eight more a fault.
        Assert.Equal([0, 1, 4, 11, 20, 29, 38, 47, 48, 49], Sweep(Owner, AccessRight.ReadWrite, Enumerable.Range(0, 50)));
    }

    [Fact]
    public void A_sweep_over_what_a_waiting_agent_holds_takes_it_in_runs()
    {
        Sweep(Owner, AccessRight.ReadWrite, Enumerable.Range(0, 40));
        _tracker.DropPins(Owner);
        _tracker.Park(Owner);
        int[] faults = Sweep(Sweeper, AccessRight.ReadWrite, Enumerable.Range(0, 40));
        Assert.Equal([0, 1, 4, 11, 20, 29, 38], faults);
        Assert.Equal(AccessRight.None, _tracker.GetRight(Owner, 39));
        Assert.Equal(AccessRight.None, _observer.Applied(Owner, 39));
        Assert.Equal(AccessRight.ReadWrite, _observer.Applied(Sweeper, 39));
        AssertLaws();
    }

    [Fact]
    public void Readers_that_sweep_share_in_runs()
    {
        Sweep(Owner, AccessRight.ReadWrite, Enumerable.Range(0, 20));
        _tracker.DropPins(Owner);
        _tracker.Park(Owner);
        Assert.Equal([0, 1, 4, 11], Sweep(Sweeper, AccessRight.Read, Enumerable.Range(0, 20)));
        Assert.Equal([0, 1, 4, 11], Sweep(2, AccessRight.Read, Enumerable.Range(0, 20)));
        Assert.Equal(AccessRight.Read, _tracker.GetRight(Owner, 19));
        AssertLaws();
    }

    [Fact]
    public void The_asked_frame_comes_last()
    {
        Sweep(Owner, AccessRight.ReadWrite, [3, 4]);
        Assert.Equal([3UL, 5, 6, 4], _observer.Streams[Owner].Select(one => one.Event.Frame));
    }

    [Fact]
    public void Frames_of_no_stream_come_alone() =>
        Assert.Equal([5, 9, 7, 6, 20], Sweep(Owner, AccessRight.ReadWrite, [5, 9, 7, 6, 20]));

    [Fact]
    public void A_run_ends_at_what_is_promised_held_by_a_third_or_pinned()
    {
        _tracker.PinShared(6, 1);
        Sweep(2, AccessRight.ReadWrite, [12]);
        _tracker.DropPins(2);
        _tracker.Park(2);
        Sweep(Owner, AccessRight.ReadWrite, [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13]);
        // Its last frame is what its next instruction needs still.
        _tracker.Park(Owner);
        Sweep(Sweeper, AccessRight.ReadWrite, [0, 1, 2, 3, 4, 5]);
        Assert.Equal(AccessRight.Read, _tracker.GetRight(Sweeper, 6));
        Sweep(Sweeper, AccessRight.ReadWrite, [7, 8, 9]);
        Assert.Equal(AccessRight.ReadWrite, _tracker.GetRight(2, 12));
        AssertLaws();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(257)]
    public void An_impossible_number_is_refused(int around) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new CrewTracker<ObservingSink>(3, Frames, _order, new ObservingSink(_observer), s_options with { FaultAround = around }));

    /// <summary>The frames at which an agent that touches these had to ask.</summary>
    private int[] Sweep(int agent, AccessRight right, IEnumerable<int> frames)
    {
        var faults = new List<int>();
        foreach (int frame in frames)
        {
            _tracker.DropPins(agent);
            if (_tracker.GetRight(agent, (ulong)frame) >= right)
                continue;
            faults.Add(frame);
            Assert.Equal(AcquireOutcome.Granted, _tracker.Acquire(agent, [new FrameRequest((ulong)frame, right)]));
        }
        return [.. faults];
    }

    private void AssertLaws()
    {
        var known = new HappensBefore(_observer.Streams);
        Assert.Equal("", known.Cycle);
        Assert.Equal("", ConflictOracle.FindUnordered(_observer.Accesses, _observer.Streams, known));
        Assert.Equal("", _observer.Violation);
    }
}
