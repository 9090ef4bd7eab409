namespace Determinism.Litmus;

/// <summary>Memory: variable + base + index * scale + displacement, whatever of it there is.</summary>
/// <param name="Symbol">The variable whose address is added; null for none.</param>
/// <param name="Base">The base register; null for none.</param>
/// <param name="Index">The index register; null for none.</param>
/// <param name="Scale">1, 2, 4 or 8.</param>
/// <param name="Displacement">A constant.</param>
public sealed record AddressOperand(string? Symbol, int? Base, int? Index, int Scale, long Displacement) : Operand;
