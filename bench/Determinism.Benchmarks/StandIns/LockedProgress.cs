namespace Determinism.Benchmarks.StandIns;

/// <summary>Who has completed which event, under one monitor.</summary>
internal sealed class LockedProgress(int agents)
{
    private readonly object _gate = new();
    private readonly ulong[] _completed = new ulong[agents];

    public void Publish(int agent, ulong number)
    {
        lock (_gate)
        {
            _completed[agent] = number;
            Monitor.PulseAll(_gate);
        }
    }

    public void WaitFor(OrderingConstraint constraint)
    {
        lock (_gate)
        {
            while (_completed[constraint.Agent] < constraint.EventNumber)
                Monitor.Wait(_gate);
        }
    }
}
