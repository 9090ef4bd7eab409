namespace Determinism.Conformance;

/// <summary>A scheduler for replays written down as simply as it can be: one lock, and everybody looks whenever anything
/// happens.</summary>
public sealed class InMemoryScheduler : IVcpuScheduler
{
    private readonly object _lock = new();
    private readonly ulong[] _completed;
    private readonly bool[] _hasEnded;
    private readonly OrderingConstraint?[] _waits;
    private bool _isAborted;

    /// <summary>Creates it with no event completed.</summary>
    /// <param name="agentCount">Number of agents.</param>
    public InMemoryScheduler(int agentCount)
    {
        if (agentCount < 1)
            throw new ArgumentOutOfRangeException(nameof(agentCount), agentCount, "At least one agent.");
        _completed = new ulong[agentCount];
        _hasEnded = new bool[agentCount];
        _waits = new OrderingConstraint?[agentCount];
    }

    /// <inheritdoc />
    public OwnershipScope Scope => OwnershipScope.Frames;

    /// <inheritdoc />
    public SharingPolicy Sharing => SharingPolicy.AtOnce;

    /// <inheritdoc />
    public bool MayDelay => false;

    /// <inheritdoc />
    public RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt) => new(stopAt);

    /// <inheritdoc />
    public void Publish(int agent, ulong eventNumber) => Change(() => _completed[agent] = eventNumber);

    /// <inheritdoc />
    public void WaitFor(int agent, OrderingConstraint constraint)
    {
        lock (_lock)
        {
            _waits[agent] = constraint;
            try
            {
                while (!IsComplete(constraint))
                {
                    if (_isAborted)
                        throw new OperationCanceledException("The session was aborted.");
                    if (IsHopeless(agent))
                        throw new ReplayDeadlockException($"Agent {agent} waits in vain for {constraint}.");
                    Monitor.Wait(_lock);
                }
            }
            finally
            {
                _waits[agent] = null;
            }
        }
    }

    /// <inheritdoc />
    public void End(int agent) => Change(() => _hasEnded[agent] = true);

    /// <inheritdoc />
    public void Abort() => Change(() => _isAborted = true);

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Monitor.PulseAll(_lock);
        }
    }

    private bool IsComplete(OrderingConstraint constraint) => _completed[constraint.Agent] >= constraint.EventNumber;

    /// <summary>Whether the waits from an agent on lead to one that has ended, or back to it.</summary>
    private bool IsHopeless(int agent)
    {
        int at = agent;
        while (_waits[at] is { } wait && !IsComplete(wait))
        {
            at = wait.Agent;
            if (_hasEnded[at] || at == agent)
                return true;
        }
        return false;
    }
}
