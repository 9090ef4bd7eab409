namespace Determinism.Litmus;

/// <summary>An operand of an instruction.</summary>
public abstract record Operand;

/// <summary>A general register.</summary>
/// <param name="Register">Its number, as the processor counts them: 0 is RAX.</param>
/// <param name="Bytes">How much of it: its low 1, 2, 4 or 8 bytes.</param>
public sealed record RegisterOperand(int Register, int Bytes) : Operand;

/// <summary>A constant, or the address of a variable.</summary>
/// <param name="Value">The constant; added to the address if there is one.</param>
/// <param name="Symbol">The variable; null for none.</param>
public sealed record ImmediateOperand(long Value, string? Symbol) : Operand;

/// <summary>Memory: variable + base + index * scale + displacement, whatever of it there is.</summary>
/// <param name="Symbol">The variable whose address is added; null for none.</param>
/// <param name="Base">The base register; null for none.</param>
/// <param name="Index">The index register; null for none.</param>
/// <param name="Scale">1, 2, 4 or 8.</param>
/// <param name="Displacement">A constant.</param>
public sealed record AddressOperand(string? Symbol, int? Base, int? Index, int Scale, long Displacement) : Operand;

/// <summary>A place in the code.</summary>
/// <param name="Name">Its label.</param>
public sealed record LabelOperand(string Name) : Operand;
