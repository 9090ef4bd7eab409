namespace Determinism.Litmus;

/// <summary>An operand of an instruction.</summary>
public abstract record Operand;
