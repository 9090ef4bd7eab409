using Determinism.Ownership;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Ownership;

/// <summary>A request that takes its place before its agent parks.</summary>
public class AnnouncingTests
{
    private const int Holder = 0, First = 1, Second = 2;

    private static readonly FrameRequest[] s_write = [new FrameRequest(0, AccessRight.ReadWrite)];

    private readonly List<int> _kicked = [];
    private readonly TrackerObserver _observer;
    private readonly CrewTracker<ObservingSink> _tracker;

    public AnnouncingTests()
    {
        var order = new CausalOrder(3);
        _observer = new TrackerObserver(3, order) { Kicked = _kicked.Add };
        _tracker = new CrewTracker<ObservingSink>(3, 4, order, new ObservingSink(_observer),
            new CrewOptions { Time = TimeProvider.System });
    }

    [Fact]
    public void The_holder_is_asked_at_once_and_can_answer_before_the_asker_parks()
    {
        Hold();
        _tracker.Announce(First, s_write);
        Assert.Equal([Holder], _kicked);
        Assert.True(_tracker.IsAsked(Holder));
        Assert.Equal(1, _tracker.Serve(Holder));
        Assert.Equal(AccessRight.None, _observer.Applied(Holder, 0));
        Assert.Equal(AccessRight.None, _tracker.GetRight(First, 0));

        Assert.Equal(AcquireOutcome.Granted, _tracker.Acquire(First, s_write));
        Assert.Equal([Holder], _kicked);
        Assert.Equal(AccessRight.ReadWrite, _tracker.GetRight(First, 0));
        Assert.Equal([new OrderingConstraint(Holder, 2)], _observer.Streams[First].Single().Constraints);
        Assert.Equal(0, _tracker.WaitingCount);
    }

    [Fact]
    public void Nothing_is_taken_from_a_parked_holder_before_the_request_itself()
    {
        Hold();
        _tracker.Park(Holder);
        _tracker.Announce(First, s_write);
        Assert.Equal(AccessRight.ReadWrite, _observer.Applied(Holder, 0));
        Assert.Equal(AcquireOutcome.Granted, _tracker.Acquire(First, s_write));
        Assert.Equal(AccessRight.None, _observer.Applied(Holder, 0));
    }

    [Fact]
    public void Who_was_announced_first_is_first()
    {
        Hold();
        _tracker.Announce(First, s_write);
        Task second = Driven.Aside(() => _tracker.Acquire(Second, s_write));
        Driven.Until(() => _tracker.WaitingCount == 2, "for the second to wait.");
        _tracker.Serve(Holder);
        Task first = Driven.Aside(() => _tracker.Acquire(First, s_write));
        Driven.Finishes(first);
        Assert.False(second.IsCompleted);
        Assert.Equal(AccessRight.ReadWrite, _tracker.GetRight(First, 0));
        _tracker.DropPins(First);
        Driven.Until(() => _tracker.IsAsked(First), "for the first to be asked.");
        _tracker.Serve(First);
        Driven.Finishes(second);
        Assert.Equal("", _observer.Violation);
    }

    [Fact]
    public void What_needs_nobody_else_is_not_announced()
    {
        _tracker.Announce(First, s_write);
        Assert.Equal(0, _tracker.WaitingCount);
        Assert.Equal(AcquireOutcome.Granted, _tracker.Acquire(First, s_write));
        _tracker.Announce(First, s_write);
        Assert.Equal(0, _tracker.WaitingCount);
        Assert.Equal(AcquireOutcome.AlreadyHeld, _tracker.Acquire(First, s_write));
    }

    [Fact]
    public void An_announced_request_ends_with_the_recording()
    {
        Hold();
        _tracker.Announce(First, s_write);
        _tracker.Abort();
        Assert.Equal(AcquireOutcome.Aborted, _tracker.Acquire(First, s_write));
        Assert.Equal(0, _tracker.WaitingCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_broken_promise_is_an_error_also_beside_a_frame_that_another_holds(bool isAnnounced)
    {
        FrameRequest[] both = [new FrameRequest(1, AccessRight.ReadWrite), new FrameRequest(2, AccessRight.ReadWrite)];
        _tracker.MakePrivate(Holder, 1, 1);
        _tracker.Acquire(Second, both.AsSpan(1));
        _tracker.DropPins(Second);
        if (isAnnounced)
            _tracker.Announce(First, both);
        _tracker.Serve(Holder);
        _tracker.Serve(Second);
        _tracker.Park(Second);
        Assert.Throws<OwnershipViolationException>(() => _tracker.Acquire(First, both));
        Assert.Equal(AccessRight.ReadWrite, _tracker.GetRight(Holder, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_to_what_is_only_read_is_an_error_also_beside_a_frame_that_another_holds(bool isAnnounced)
    {
        FrameRequest[] both = [new FrameRequest(1, AccessRight.ReadWrite), new FrameRequest(2, AccessRight.ReadWrite)];
        _tracker.PinShared(1, 1);
        _tracker.Acquire(Second, both.AsSpan(1));
        _tracker.DropPins(Second);
        if (isAnnounced)
            _tracker.Announce(First, both);
        _tracker.Serve(Holder);
        _tracker.Park(Second);
        Assert.Throws<OwnershipViolationException>(() => _tracker.Acquire(First, both));
        Assert.Equal(AccessRight.Read, _tracker.GetRight(Second, 1));
    }

    [Fact]
    public void Another_request_than_the_announced_one_gets_what_it_asks_for()
    {
        Hold();
        _tracker.Announce(First, s_write);
        Assert.Equal(AcquireOutcome.Granted, _tracker.Acquire(First, [new FrameRequest(3, AccessRight.ReadWrite)]));
        Assert.Equal(AccessRight.ReadWrite, _tracker.GetRight(First, 3));
        Assert.Equal(0, _tracker.WaitingCount);
    }

    [Fact]
    public void What_was_announced_twice_or_given_up_leaves_nothing_behind()
    {
        Hold();
        _tracker.Announce(First, s_write);
        _tracker.Announce(First, s_write);
        Assert.Equal(1, _tracker.WaitingCount);
        _tracker.Withdraw(First);
        Assert.Equal(0, _tracker.WaitingCount);
        Assert.Equal(0, _tracker.Serve(Holder));
    }

    private void Hold()
    {
        _tracker.Acquire(Holder, s_write);
        _tracker.DropPins(Holder);
    }
}
