namespace Determinism.Litmus;

/// <summary>A constant, or the address of a variable.</summary>
/// <param name="Value">The constant; added to the address if there is one.</param>
/// <param name="Symbol">The variable; null for none.</param>
public sealed record ImmediateOperand(long Value, string? Symbol) : Operand;
