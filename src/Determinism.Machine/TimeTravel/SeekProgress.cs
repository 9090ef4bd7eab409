namespace Determinism.Machine;

/// <summary>How far a replay on its way to a cut has come.</summary>
/// <param name="Events">Events of all agents that were replayed, or skipped by a checkpoint.</param>
/// <param name="Total">Events before the cut.</param>
public readonly record struct SeekProgress(ulong Events, ulong Total);
