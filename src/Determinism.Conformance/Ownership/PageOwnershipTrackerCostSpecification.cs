namespace Determinism.Conformance;

/// <summary>What the path of a fault costs that involves no other agent (law L10). For trackers of production; a double
/// need not pass it.</summary>
public abstract class PageOwnershipTrackerCostSpecification : ConformanceSpecification
{
    private const int Agents = 2;
    private const int Calls = 1000;

    /// <summary>The tracker under test.</summary>
    /// <param name="agentCount">Number of agents.</param>
    /// <param name="frameCount">Number of frames.</param>
    /// <param name="sink">Allocates nothing itself.</param>
    protected abstract IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink);

    /// <summary>A stale protection, and the hint at every exit.</summary>
    [Fact]
    public void Asking_for_what_is_held_allocates_nothing() => Within(() =>
    {
        IPageOwnershipTracker tracker = Create(Agents, 16, new NullOwnershipSink());
        FrameRequest[] requests = [new FrameRequest(3, AccessRight.ReadWrite)];
        tracker.Acquire(0, requests);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (int call = 0; call < Calls; call++)
            {
                tracker.Acquire(0, requests);
                tracker.GetRight(0, 3);
                tracker.IsAsked(0);
                tracker.DropPins(0);
            }
        }));
    });

    /// <summary>The commonest fault of all.</summary>
    [Fact]
    public void A_first_touch_allocates_nothing() => Within(() =>
    {
        IPageOwnershipTracker tracker = Create(Agents, 16 * Calls, new NullOwnershipSink());
        ulong frame = 0;
        var requests = new FrameRequest[1];
        // Whole parts of its tables may come with the first touch in them: the least of several rounds has none.
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (int call = 0; call < 100; call++)
            {
                requests[0] = new FrameRequest(frame++, AccessRight.ReadWrite);
                tracker.Acquire(0, requests);
                tracker.DropPins(0);
            }
        }));
    });

    /// <summary>Whoever waits in the host does so at every halt.</summary>
    [Fact]
    public void Parking_allocates_nothing() => Within(() =>
    {
        IPageOwnershipTracker tracker = Create(Agents, 16, new NullOwnershipSink());
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (int call = 0; call < Calls; call++)
            {
                tracker.Park(0);
                tracker.Unpark(0);
            }
        }));
    });
}
