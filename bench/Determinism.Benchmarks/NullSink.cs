namespace Determinism.Benchmarks;

/// <summary>Nothing is carried out and nothing recorded: what is left is the tracker.</summary>
public readonly struct NullSink : IOwnershipSink
{
    public void Apply(int agent, ulong frame, AccessRight right)
    {
    }

    public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight)
    {
    }

    public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints)
    {
    }

    public void Kick(int agent)
    {
    }

    public void Stolen(ulong frame, int winner, int loser)
    {
    }
}
