using Determinism.Ownership;

namespace Determinism.Benchmarks.Ownership;

/// <summary>Completes the events of right changes and does nothing else with them: what is left is the tracker.</summary>
public readonly struct CountingSink(CausalOrder order) : IOwnershipSink
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
