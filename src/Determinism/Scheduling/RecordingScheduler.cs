namespace Determinism.Scheduling;

/// <summary>What all schedulers for recordings have in common: the order of events is made, not kept.</summary>
public abstract class RecordingScheduler : IVcpuScheduler
{
    /// <inheritdoc />
    public abstract OwnershipScope Scope { get; }

    /// <inheritdoc />
    public abstract SharingPolicy Sharing { get; }

    /// <inheritdoc />
    public abstract bool MayDelay { get; }

    /// <inheritdoc />
    public abstract RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt);

    /// <summary>Nothing waits for an event while recording.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="eventNumber">The event's number.</param>
    public void Publish(int agent, ulong eventNumber)
    {
    }

    /// <summary>A recording makes constraints; it has none to wait for.</summary>
    /// <param name="agent">Who waits.</param>
    /// <param name="constraint">The event.</param>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public void WaitFor(int agent, OrderingConstraint constraint) =>
        throw new InvalidOperationException("A recording has no constraints to wait for.");

    /// <inheritdoc />
    public virtual void End(int agent)
    {
    }

    /// <inheritdoc />
    public virtual void Abort()
    {
    }
}
