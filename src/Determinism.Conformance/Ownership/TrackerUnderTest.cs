namespace Determinism.Conformance;

/// <summary>A tracker with its journal, called as its agents would call it.</summary>
internal sealed class TrackerUnderTest(IPageOwnershipTracker tracker, OwnershipJournal journal, TimeSpan patience)
{
    public IPageOwnershipTracker Tracker => tracker;

    public OwnershipJournal Journal => journal;

    /// <summary>An instruction that touches one frame and retires, where nothing should make it wait.</summary>
    public AcquireOutcome Touch(int agent, ulong frame, AccessRight right)
    {
        Task<AcquireOutcome> touch = TouchAside(agent, frame, right);
        Aside.Finish(patience, $"Agent {agent}'s request for {right} of frame {frame}", touch);
        return touch.Result;
    }

    /// <summary>As <see cref="Touch"/>, and the right is there.</summary>
    public void Get(int agent, ulong frame, AccessRight right)
    {
        Assert.NotEqual(AcquireOutcome.Aborted, Touch(agent, frame, right));
        Assert.True(tracker.GetRight(agent, frame) >= right, $"Agent {agent} was granted {right}, and does not have it.");
    }

    public Task<AcquireOutcome> TouchAside(int agent, ulong frame, AccessRight right) => Aside.Run(() =>
    {
        AcquireOutcome outcome = tracker.Acquire(agent, [new FrameRequest(frame, right)]);
        tracker.DropPins(agent);
        return outcome;
    });

    public void UntilAsked(int agent) =>
        Aside.Until(patience, $"agent {agent} is asked", () => tracker.IsAsked(agent) && journal.Kicks(agent) > 0);

    public void Finish(params Task[] requests) => Aside.Finish(patience, "A request", requests);

    public void AssertLawful() => Assert.Empty(journal.Violations);
}
