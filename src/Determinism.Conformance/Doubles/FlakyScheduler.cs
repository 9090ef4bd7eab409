namespace Determinism.Conformance;

/// <summary>A scheduler that lets vCPUs in at other moments than the one behind it would, or fails. With delays alone it
/// keeps every order that that one keeps.</summary>
/// <param name="inner">Does the work.</param>
/// <param name="options">What happens to the calls; no number of it is negative.</param>
public sealed class FlakyScheduler(IVcpuScheduler inner, FlakyOptions options) : IVcpuScheduler
{
    private readonly FlakyCalls _calls = new(inner, options);

    /// <inheritdoc />
    public OwnershipScope Scope => inner.Scope;

    /// <inheritdoc />
    public SharingPolicy Sharing => inner.Sharing;

    /// <inheritdoc />
    public bool MayDelay => inner.MayDelay;

    /// <inheritdoc />
    /// <exception cref="InjectedFailureException">It fails.</exception>
    public RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt)
    {
        _calls.Hit(nameof(Enter));
        return inner.Enter(agent, now, stopAt);
    }

    /// <inheritdoc />
    public void Publish(int agent, ulong eventNumber)
    {
        _calls.Delay();
        inner.Publish(agent, eventNumber);
    }

    /// <inheritdoc />
    /// <exception cref="InjectedFailureException">It fails.</exception>
    public void WaitFor(int agent, OrderingConstraint constraint)
    {
        _calls.Hit(nameof(WaitFor));
        inner.WaitFor(agent, constraint);
    }

    /// <inheritdoc />
    public void End(int agent)
    {
        _calls.Delay();
        inner.End(agent);
    }

    /// <inheritdoc />
    public void Abort() => inner.Abort();
}
