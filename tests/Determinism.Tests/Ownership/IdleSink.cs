namespace Determinism.Tests.Ownership;

/// <summary>Decisions that nobody carries out.</summary>
internal readonly struct IdleSink : IOwnershipSink
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
