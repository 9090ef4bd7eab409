namespace Determinism.Log;

/// <summary>Problems as they are found: the first ones whole, the others counted.</summary>
internal sealed class ProblemList
{
    private readonly List<LogProblem> _first = [];

    public IReadOnlyList<LogProblem> First => _first;

    public long Count { get; private set; }

    /// <summary>Number of the first block that cannot be trusted.</summary>
    public long TrustedBefore { get; private set; } = long.MaxValue;

    /// <summary>Something is wrong that takes no trust from the blocks: they say themselves what it should be.</summary>
    public void Add(LogProblem problem)
    {
        Count++;
        if (_first.Count < LogVerification.MaximumProblems)
            _first.Add(problem);
    }

    /// <summary>From a block on, nothing can be trusted.</summary>
    public void AddDamage(LogProblem problem, long trustedBefore)
    {
        Add(problem);
        DistrustFrom(trustedBefore);
    }

    public void DistrustFrom(long sequence) => TrustedBefore = Math.Min(TrustedBefore, sequence);
}
