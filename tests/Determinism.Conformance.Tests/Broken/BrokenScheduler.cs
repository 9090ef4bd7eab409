namespace Determinism.Conformance.Tests;

/// <summary>Mistakes that a scheduler's author could make.</summary>
public enum SchedulerFlaw
{
    ChangesItsMind,
    RunsTooFar,
    StandsStill,
    StarvesTheLast,
    EndsWithTheFirst,
    KeepsVcpusAfterAnAbort,
    WaitsSilently,
    WaitsWhenPublishing,
    WaitsForWhatIsDone,
    LetsOnTooEarly,
    WakesOneOnly,
    NeverWaits,
    LosesWakeUps,
    HangsInRings,
    IgnoresAborts,
    PublishesNothingWhileOthersWait,
}

/// <summary>A scheduler with one mistake around it.</summary>
internal sealed class BrokenScheduler(SchedulerFlaw flaw, IVcpuScheduler inner, int agentCount) : IVcpuScheduler
{
    private int _entries;
    private bool _hasEnded;
    private bool _isAborted;
    private int _waits;
    private int _waiting;

    public OwnershipScope Scope => inner.Scope;

    public SharingPolicy Sharing => flaw == SchedulerFlaw.ChangesItsMind
        ? new SharingPolicy { HoldTime = TimeSpan.FromTicks(_entries) } : inner.Sharing;

    public bool MayDelay => inner.MayDelay;

    public RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt)
    {
        Interlocked.Increment(ref _entries);
        if ((flaw == SchedulerFlaw.StarvesTheLast && agent == agentCount - 1)
            || (flaw == SchedulerFlaw.EndsWithTheFirst && _hasEnded)
            || (flaw == SchedulerFlaw.KeepsVcpusAfterAnAbort && _isAborted))
            Hang.Long();
        RunSlice slice = inner.Enter(agent, now, stopAt);
        return flaw switch
        {
            SchedulerFlaw.RunsTooFar => new RunSlice(RunSlice.Unlimited),
            SchedulerFlaw.StandsStill when _entries % 50 == 0 => new RunSlice(now.Count),
            _ => slice,
        };
    }

    public void Publish(int agent, ulong eventNumber)
    {
        if (flaw == SchedulerFlaw.WaitsWhenPublishing)
            Hang.Long();
        // As if both took one lock, and the wait kept it.
        if (flaw == SchedulerFlaw.PublishesNothingWhileOthersWait)
            Hang.While(() => Volatile.Read(ref _waiting) > 0);
        if (flaw != SchedulerFlaw.LosesWakeUps || eventNumber % 100 != 0)
            inner.Publish(agent, eventNumber);
    }

    public void WaitFor(int agent, OrderingConstraint constraint)
    {
        int waits = Interlocked.Increment(ref _waits);
        switch (flaw)
        {
            case SchedulerFlaw.WaitsForWhatIsDone:
                constraint = constraint with { EventNumber = constraint.EventNumber + 1 };
                break;
            case SchedulerFlaw.LetsOnTooEarly:
                constraint = constraint with { EventNumber = constraint.EventNumber - 1 };
                break;
            case SchedulerFlaw.WakesOneOnly when waits > 1:
                Hang.Long();
                break;
            case SchedulerFlaw.NeverWaits or SchedulerFlaw.WaitsSilently:
                return;
            case SchedulerFlaw.HangsInRings:
                try
                {
                    inner.WaitFor(agent, constraint);
                }
                catch (ReplayDeadlockException)
                {
                    Hang.Long();
                }
                return;
        }
        Interlocked.Increment(ref _waiting);
        inner.WaitFor(agent, constraint);
        Interlocked.Decrement(ref _waiting);
    }

    public void End(int agent)
    {
        _hasEnded = true;
        inner.End(agent);
    }

    public void Abort()
    {
        _isAborted = true;
        if (flaw != SchedulerFlaw.IgnoresAborts)
            inner.Abort();
    }
}
