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

    private readonly CausalOrder _order = new(4);
    private readonly TrackerObserver _observer;
    private readonly CrewTracker<ObservingSink> _tracker;

    public FaultAroundTests()
    {
        _observer = new TrackerObserver(4, _order);
        _tracker = new CrewTracker<ObservingSink>(4, Frames, _order, new ObservingSink(_observer), s_options);
    }

    [Fact]
    public void A_first_sweep_faults_less_and_less_often_and_stops_where_it_must()
    {
        // 0; 1, whose block of two has 0 in it; 2 and 3; then eight, each time those of an aligned block.
        Assert.Equal([0, 1, 2, 4, 8, 16, 24, 32, 40, 48, 49], Sweep(Owner, AccessRight.ReadWrite, Enumerable.Range(0, 50)));
    }

    [Fact]
    public void A_sweep_over_what_a_waiting_agent_holds_takes_it_in_runs()
    {
        Sweep(Owner, AccessRight.ReadWrite, Enumerable.Range(0, 40));
        _tracker.DropPins(Owner);
        _tracker.Park(Owner);
        int[] faults = Sweep(Sweeper, AccessRight.ReadWrite, Enumerable.Range(0, 40));
        Assert.Equal([0, 1, 2, 4, 8, 16, 24, 32], faults);
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
        Assert.Equal([0, 1, 2, 4, 8, 16], Sweep(Sweeper, AccessRight.Read, Enumerable.Range(0, 20)));
        Assert.Equal([0, 1, 2, 4, 8, 16], Sweep(2, AccessRight.Read, Enumerable.Range(0, 20)));
        Assert.Equal(AccessRight.Read, _tracker.GetRight(Owner, 19));
        AssertLaws();
    }

    [Fact]
    public void The_asked_frame_comes_last()
    {
        Sweep(Owner, AccessRight.ReadWrite, [3, 4, 6]);
        Assert.Equal([3UL, 5, 4, 7, 6], _observer.Streams[Owner].Select(one => one.Event.Frame));
    }

    [Fact]
    public void A_writer_takes_what_two_readers_share_in_runs()
    {
        Sweep(Owner, AccessRight.ReadWrite, Enumerable.Range(0, 20));
        _tracker.DropPins(Owner);
        _tracker.Park(Owner);
        Sweep(Sweeper, AccessRight.Read, Enumerable.Range(0, 20));
        Assert.Equal([0, 1, 2, 4, 8, 16], Sweep(Sweeper, AccessRight.ReadWrite, Enumerable.Range(0, 20)));
        Assert.Equal(AccessRight.None, _observer.Applied(Owner, 19));
        AssertLaws();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reader_that_was_reduced_for_another_comes_before_whoever_writes_first(bool isForgotten)
    {
        const int reader = 2, writer = 3;
        // 4 came with 5: the owner has not shown that it needs it.
        Sweep(Owner, AccessRight.Read, [20, 5]);
        Sweep(Sweeper, AccessRight.Read, [4, 5]);
        _tracker.DropPins(Owner);
        _tracker.Park(Owner);
        Sweep(reader, AccessRight.Read, [5]);
        _tracker.Plant = isForgotten ? Plant.ForgetOwedReaders : Plant.None;
        Sweep(Sweeper, AccessRight.ReadWrite, [40, 41]);
        // In the way of 5 is also the reader, which runs: so 4 is taken from the owner, and not granted yet.
        var sweeper = new Thread(() => _tracker.Acquire(Sweeper, [new FrameRequest(5, AccessRight.ReadWrite)]));
        sweeper.Start();
        SpinWait.SpinUntil(() => _tracker.WaitingCount == 1 && _tracker.IsAsked(reader));
        Assert.Equal(AccessRight.None, _tracker.GetRight(Owner, 4));
        _tracker.Acquire(writer, [new FrameRequest(4, AccessRight.ReadWrite)]);
        _tracker.DropPins(reader);
        _tracker.Park(reader);
        sweeper.Join();
        var known = new HappensBefore(_observer.Streams);
        string unordered = ConflictOracle.FindUnordered(_observer.Accesses, _observer.Streams, known);
        Assert.Equal(isForgotten, unordered.Length > 0);
    }

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
        Sweep(Sweeper, AccessRight.ReadWrite, [7, 8, 9, 10]);
        Assert.Equal(AccessRight.ReadWrite, _tracker.GetRight(2, 12));
        AssertLaws();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65)]
    public void An_impossible_number_is_refused(int around) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new CrewTracker<ObservingSink>(4, Frames, _order, new ObservingSink(_observer), s_options with { FaultAround = around }));

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
