namespace Determinism.Conformance;

/// <summary>A sink that does nothing with what it is told.</summary>
public sealed class NullOwnershipSink : IOwnershipSink
{
    /// <inheritdoc />
    public void Apply(int agent, ulong frame, AccessRight right)
    {
    }

    /// <inheritdoc />
    public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight)
    {
    }

    /// <inheritdoc />
    public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints)
    {
    }

    /// <inheritdoc />
    public void Kick(int agent)
    {
    }

    /// <inheritdoc />
    public void Stolen(ulong frame, int winner, int loser)
    {
    }
}
