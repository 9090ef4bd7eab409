namespace Determinism.Litmus;

/// <summary>A general register.</summary>
/// <param name="Register">Its number, as the processor counts them: 0 is RAX.</param>
/// <param name="Bytes">How much of it: its low 1, 2, 4 or 8 bytes.</param>
public sealed record RegisterOperand(int Register, int Bytes) : Operand;
