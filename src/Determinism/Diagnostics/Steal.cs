namespace Determinism.Diagnostics;

/// <summary>A frame that went from one agent to another, by where both were.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Winner">Who got it.</param>
/// <param name="Loser">Who lost it.</param>
/// <param name="WinnerInstruction">Address of the winner's faulting instruction.</param>
/// <param name="LoserInstruction">Address where the loser stood.</param>
public readonly record struct Steal(
    ulong Frame, int Winner, int Loser, ulong WinnerInstruction, ulong LoserInstruction);
