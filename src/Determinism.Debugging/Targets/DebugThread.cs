namespace Determinism.Debugging;

/// <summary>A thread as the debugger sees it: one vCPU.</summary>
/// <param name="Id">Its number, from 1 to <see cref="int.MaxValue"/>.</param>
/// <param name="Description">What it is and does, in a few words.</param>
public readonly record struct DebugThread(int Id, string Description);
