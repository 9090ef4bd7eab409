namespace Determinism;

/// <summary>Which vCPU may run now and until when.</summary>
/// <remarks>
/// While recording it lets vCPUs run freely, one at a time, or at adversarial moments; while replaying it makes them
/// wait for the events that the log's constraints name. Each agent calls from its own thread.
/// </remarks>
public interface IVcpuScheduler
{
    /// <summary>What one ownership decision covers under this scheduler.</summary>
    OwnershipScope Scope { get; }

    /// <summary>What is done to make sharing cheaper. Constant; replay does not use it.</summary>
    SharingPolicy Sharing { get; }

    /// <summary>Whether <see cref="Enter"/> may keep the agent waiting; it is parked meanwhile.</summary>
    bool MayDelay { get; }

    /// <summary>A vCPU is about to enter the guest.</summary>
    /// <param name="agent">The vCPU.</param>
    /// <param name="now">Where it is.</param>
    /// <param name="stopAt">The count at which it must stop in any case.</param>
    /// <returns>How far it may run, no further than <paramref name="stopAt"/>.</returns>
    RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt);

    /// <summary>An agent has completed an event.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="eventNumber">The event's number.</param>
    void Publish(int agent, ulong eventNumber);

    /// <summary>Waits until another agent has completed an event.</summary>
    /// <param name="agent">Who waits.</param>
    /// <param name="constraint">The event waited for.</param>
    /// <exception cref="ReplayDeadlockException">The wait can never end (law L6).</exception>
    /// <exception cref="OperationCanceledException">The session was aborted.</exception>
    void WaitFor(int agent, OrderingConstraint constraint);

    /// <summary>An agent has ended and will complete no more events.</summary>
    /// <param name="agent">The agent.</param>
    void End(int agent);

    /// <summary>Ends all waiting.</summary>
    void Abort();
}
