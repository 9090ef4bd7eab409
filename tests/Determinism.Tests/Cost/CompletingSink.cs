using Determinism.Ownership;

namespace Determinism.Tests.Cost;

/// <summary>Completes the events of right changes, so that there is something to be ordered after.</summary>
internal readonly struct CompletingSink(CausalOrder order) : IOwnershipSink
{
    public void Apply(int agent, ulong frame, AccessRight right)
    {
    }

    public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight) => order.Complete(agent);

    public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints) => order.Complete(agent);

    public void Kick(int agent)
    {
    }

    public void Stolen(ulong frame, int winner, int loser)
    {
    }
}
