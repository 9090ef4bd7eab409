namespace Determinism.Kvm;

/// <summary>When one vCPU was inside KVM_RUN.</summary>
/// <remarks>Written by the vCPU's thread; read it when the run has ended.</remarks>
public sealed class RunIntervals
{
    private readonly List<(long Entered, long Left)> _intervals = [];

    /// <summary>The intervals in order, as timestamps of <see cref="KvmOptions.Time"/>.</summary>
    public IReadOnlyList<(long Entered, long Left)> All => _intervals;

    internal void Add(long entered, long left) => _intervals.Add((entered, left));
}
