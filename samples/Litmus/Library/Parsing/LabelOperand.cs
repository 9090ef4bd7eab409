namespace Determinism.Litmus;

/// <summary>A place in the code.</summary>
/// <param name="Name">Its label.</param>
public sealed record LabelOperand(string Name) : Operand;
