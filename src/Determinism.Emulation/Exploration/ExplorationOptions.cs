namespace Determinism.Emulation.Exploration;

/// <summary>How far an exploration goes.</summary>
public sealed record ExplorationOptions
{
    /// <summary>Whether interleavings are left out that differ from others only in the order of neighbouring accesses that do not
    /// touch each other's bytes, or only read them: one of each class is run. Default: yes.</summary>
    public bool Reduces { get; init; } = true;

    /// <summary>The most runs, 1 or more; abandoned ones count too. Default: 100,000.</summary>
    public long MostRuns { get; init; } = 100_000;

    /// <summary>The most shared accesses of one run, 1 or more: a program that spins has runs without end, and none of more
    /// accesses is looked at. Default: 1,000.</summary>
    public int MostAccesses { get; init; } = 1_000;

    /// <summary>Whether each recording is replayed, and the end of the replay compared in every bit. Default: yes.</summary>
    public bool Replays { get; init; } = true;
}
