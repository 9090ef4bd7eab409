using Determinism.Log;

namespace Determinism.Emulation.Exploration;

/// <summary>What some interleavings ended with.</summary>
/// <param name="Outcome">What was made of the machine at its end.</param>
/// <param name="Interleavings">How many of those that were run.</param>
/// <param name="Schedule">The first of them: which vCPU made each shared access.</param>
/// <param name="Recording">Its recording.</param>
public sealed record ExploredOutcome(string Outcome, long Interleavings, IReadOnlyList<int> Schedule, IEventLogReader Recording);
