namespace Determinism.Debugging;

/// <summary>A step that a history has just taken.</summary>
/// <param name="thread">Who took it.</param>
/// <param name="accesses">What it touched.</param>
public readonly ref struct HistoryStep(int thread, ReadOnlySpan<HistoryAccess> accesses)
{
    /// <summary>Who took it.</summary>
    public int Thread { get; } = thread;

    /// <summary>What it touched, and what was touched for it before the next one.</summary>
    public ReadOnlySpan<HistoryAccess> Accesses { get; } = accesses;
}
