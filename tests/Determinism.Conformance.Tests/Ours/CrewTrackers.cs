using Determinism.Ownership;

namespace Determinism.Conformance.Tests;

/// <summary>Completes one event with each change, as a session does.</summary>
internal readonly struct CountingSink(IOwnershipSink inner, CausalOrder order) : IOwnershipSink
{
    public void Apply(int agent, ulong frame, AccessRight right) => inner.Apply(agent, frame, right);

    public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight)
    {
        inner.Reduced(agent, frame, oldRight, newRight);
        order.Complete(agent);
    }

    public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints)
    {
        inner.Elevated(agent, frame, oldRight, newRight, constraints);
        order.Complete(agent);
    }

    public void Kick(int agent) => inner.Kick(agent);

    public void Stolen(ulong frame, int winner, int loser) => inner.Stolen(frame, winner, loser);

    public static IPageOwnershipTracker Track(
        int agents, ulong frames, IOwnershipSink sink, TimeSpan holdTime = default, bool reduces = true)
    {
        var order = new CausalOrder(agents, reduces);
        return new CrewTracker<CountingSink>(agents, frames, order, new CountingSink(sink, order),
            new CrewOptions { HoldTime = holdTime, Time = TimeProvider.System });
    }
}

public sealed class CrewTrackerConformance : PageOwnershipTrackerSpecification
{
    protected override IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink) =>
        CountingSink.Track(agentCount, frameCount, sink);
}

/// <summary>Holders keep what they were granted for a while.</summary>
public sealed class HoldingCrewTrackerConformance : PageOwnershipTrackerSpecification
{
    protected override int StressRounds => 300;

    protected override IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink) =>
        CountingSink.Track(agentCount, frameCount, sink, TimeSpan.FromMilliseconds(0.2));
}

/// <summary>Every source becomes a constraint.</summary>
public sealed class UnreducedCrewTrackerConformance : PageOwnershipTrackerSpecification
{
    protected override bool OmitsImpliedConstraints => false;

    protected override IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink) =>
        CountingSink.Track(agentCount, frameCount, sink, reduces: false);
}

public sealed class CrewTrackerCost : PageOwnershipTrackerCostSpecification
{
    protected override IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink) =>
        CountingSink.Track(agentCount, frameCount, sink);
}
