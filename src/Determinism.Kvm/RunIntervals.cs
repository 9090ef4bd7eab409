namespace Determinism.Kvm;

/// <summary>When one vCPU was inside KVM_RUN.</summary>
/// <remarks>Written by the vCPU's thread; read it when the run has ended.</remarks>
internal sealed class RunIntervals
{
    private readonly List<(long Entered, long Left)> _intervals = [];

    /// <summary>The intervals in order, as timestamps of <see cref="KvmOptions.RunClock"/>.</summary>
    public IReadOnlyList<(long Entered, long Left)> All => _intervals;

    /// <summary>For how long two vCPUs were inside at the same time.</summary>
    /// <param name="other">The other vCPU's.</param>
    /// <returns>The time, in the unit of the timestamps.</returns>
    public long OverlapWith(RunIntervals other)
    {
        ArgumentNullException.ThrowIfNull(other);
        long overlap = 0;
        for (int mine = 0, its = 0; mine < _intervals.Count && its < other._intervals.Count;)
        {
            (long entered, long left) = _intervals[mine];
            (long otherEntered, long otherLeft) = other._intervals[its];
            overlap += Math.Max(0, Math.Min(left, otherLeft) - Math.Max(entered, otherEntered));
            if (left < otherLeft)
                mine++;
            else
                its++;
        }
        return overlap;
    }

    internal void Add(long entered, long left) => _intervals.Add((entered, left));
}
