namespace Determinism.Checkpoints;

/// <summary>What a vCPU does between two of its events: in it nobody moves but the vCPU.</summary>
/// <param name="Start">The vCPU stands right after the first event, or at a poll behind it.</param>
/// <param name="End">The vCPU stands right before the second event, with nothing of it done; the others stand as at the start.
/// Null: the stream has no second event.</param>
public sealed record EventInterval(Cut Start, Cut? End);
