namespace Determinism.Conformance;

/// <content>Requests that wait for others.</content>
public abstract partial class PageOwnershipTrackerSpecification
{
    /// <summary>Who stands at a named point is acted on; there is nobody to kick.</summary>
    [Fact]
    public void A_parked_holder_is_reduced_without_a_kick() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        it.Tracker.Park(0);
        it.Get(1, 1, AccessRight.ReadWrite);
        Assert.Equal(0, it.Journal.Kicks(0));
    });

    /// <summary>A right is lost only at a point that can be named (law L7).</summary>
    [Fact]
    public void A_running_holder_keeps_its_right_until_it_serves() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        Task<AcquireOutcome> request = it.TouchAside(1, 1, AccessRight.ReadWrite);
        it.UntilAsked(0);
        Aside.StillWaits(request, "The request was granted while the holder ran.");
        Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(0, 1));
        Assert.Equal(1, it.Tracker.Serve(0));
        it.Finish(request);
        Assert.Equal(AccessRight.None, it.Tracker.GetRight(0, 1));
        it.AssertLawful();
    });

    /// <summary>A hint without a reason would stop every vCPU at every poll.</summary>
    [Fact]
    public void Nobody_is_asked_without_a_reason() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        Assert.False(it.Tracker.IsAsked(0));
        Assert.Equal(0, it.Tracker.Serve(0));
        Task<AcquireOutcome> request = it.TouchAside(1, 1, AccessRight.ReadWrite);
        it.UntilAsked(0);
        it.Tracker.Serve(0);
        it.Finish(request);
        Assert.False(it.Tracker.IsAsked(0));
        Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(1, 1));
    });

    /// <summary>All requests pending are served at one point.</summary>
    [Fact]
    public void Serving_answers_everybody_who_waits() => Within(() =>
    {
        TrackerUnderTest it = Make(4);
        for (ulong frame = 1; frame <= 3; frame++)
            it.Get(0, frame, AccessRight.ReadWrite);
        Task[] requests = [.. Enumerable.Range(1, 3).Select(agent => it.TouchAside(agent, (ulong)agent, AccessRight.Read))];
        int served = 0;
        Aside.Until(Patience, "three requests are served", () => (served += it.Tracker.Serve(0)) >= 3);
        it.Finish(requests);
        Assert.Equal(3, served);
        it.AssertLawful();
    });

    /// <summary>Parking is an answer too.</summary>
    [Fact]
    public void A_waiter_is_woken_when_the_holder_parks() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        Task<AcquireOutcome> request = it.TouchAside(1, 1, AccessRight.ReadWrite);
        it.UntilAsked(0);
        it.Tracker.Park(0);
        it.Finish(request);
        it.Tracker.Unpark(0);
        Assert.Equal(AccessRight.None, it.Tracker.GetRight(0, 1));
        it.AssertLawful();
    });

    /// <summary>Who is on its way again is not acted on any more.</summary>
    [Fact]
    public void A_holder_that_goes_on_is_running_again() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        it.Tracker.Park(0);
        it.Tracker.Unpark(0);
        Task<AcquireOutcome> request = it.TouchAside(1, 1, AccessRight.ReadWrite);
        it.UntilAsked(0);
        Aside.StillWaits(request, "The request was granted while the holder ran.");
        it.Tracker.Serve(0);
        it.Finish(request);
    });

    /// <summary>An agent that ends stays holder of what it holds, and gives it.</summary>
    [Fact]
    public void An_ended_holder_is_reduced_for_ever() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        it.Get(0, 2, AccessRight.ReadWrite);
        it.Tracker.End(0);
        Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(0, 1));
        it.Get(1, 1, AccessRight.ReadWrite);
        it.Get(1, 2, AccessRight.Read);
        Assert.True(it.Journal.IsOrdered(0, 2, 1, it.Journal.EventCount(1)), "What the ended agent wrote comes later.");
        it.AssertLawful();
    });

    /// <summary>Somebody who waits hears of the end.</summary>
    [Fact]
    public void A_waiter_is_woken_when_the_holder_ends() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        Task<AcquireOutcome> request = it.TouchAside(1, 1, AccessRight.ReadWrite);
        it.UntilAsked(0);
        it.Tracker.End(0);
        it.Finish(request);
        it.AssertLawful();
    });

    /// <summary>Else an instruction of several frames might never retire (law L5).</summary>
    [Fact]
    public void What_was_granted_is_kept_until_the_instruction_has_retired() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        Assert.Equal(AcquireOutcome.Granted, it.Tracker.Acquire(0, [new FrameRequest(1, AccessRight.ReadWrite)]));
        Task<AcquireOutcome> request = it.TouchAside(1, 1, AccessRight.ReadWrite);
        it.UntilAsked(0);
        Assert.Equal(0, it.Tracker.Serve(0));
        Aside.StillWaits(request, "A pinned frame was taken.");
        it.Tracker.Park(0);
        Aside.StillWaits(request, "A pinned frame was taken from a parked holder.");
        it.Tracker.Unpark(0);
        it.Tracker.DropPins(0);
        Aside.Until(Patience, "the request is served", () => it.Tracker.Serve(0) == 1);
        it.Finish(request);
        it.AssertLawful();
    });

    /// <summary>No livelock, and no deadlock, whoever needs what (law L5).</summary>
    [Fact]
    public void Who_needs_the_same_frames_in_turn_gets_them() => Within(() =>
    {
        const int Rounds = 200;
        TrackerUnderTest it = Make(2);
        Task[] agents = [.. Enumerable.Range(0, 2).Select(agent => Aside.Run(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                it.Tracker.Acquire(agent,
                    [new FrameRequest(1, AccessRight.ReadWrite), new FrameRequest(2, AccessRight.ReadWrite)]);
                Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(agent, 1));
                Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(agent, 2));
                it.Tracker.DropPins(agent);
                it.Tracker.Serve(agent);
            }
            it.Tracker.End(agent);
        }))];
        it.Finish(agents);
        it.AssertLawful();
    });

    /// <summary>A session that ends must not leave threads behind.</summary>
    [Fact]
    public void An_abort_ends_all_waiting() => Within(() =>
    {
        TrackerUnderTest it = Make(3);
        it.Get(0, 1, AccessRight.ReadWrite);
        Task<AcquireOutcome> first = it.TouchAside(1, 1, AccessRight.ReadWrite);
        it.UntilAsked(0);
        it.Tracker.Abort();
        it.Finish(first);
        Assert.Equal(AcquireOutcome.Aborted, first.Result);
        Task<AcquireOutcome> later = it.TouchAside(2, 1, AccessRight.Read);
        it.Finish(later);
        Assert.Equal(AcquireOutcome.Aborted, later.Result);
        Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(0, 1));
    });
}
