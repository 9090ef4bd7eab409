namespace Determinism.Conformance;

/// <summary>A scheduler for recordings that lets everybody run: costs nothing, decides nothing.</summary>
public sealed class NullScheduler : IVcpuScheduler
{
    /// <inheritdoc />
    public OwnershipScope Scope => OwnershipScope.Frames;

    /// <inheritdoc />
    public SharingPolicy Sharing => SharingPolicy.AtOnce;

    /// <inheritdoc />
    public bool MayDelay => false;

    /// <inheritdoc />
    public RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt) => new(stopAt);

    /// <inheritdoc />
    public void Publish(int agent, ulong eventNumber)
    {
    }

    /// <inheritdoc />
    public void WaitFor(int agent, OrderingConstraint constraint) =>
        throw new InvalidOperationException("A recording has no constraints to wait for.");

    /// <inheritdoc />
    public void End(int agent)
    {
    }

    /// <inheritdoc />
    public void Abort()
    {
    }
}
