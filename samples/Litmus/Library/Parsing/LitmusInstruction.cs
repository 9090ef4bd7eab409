namespace Determinism.Litmus;

/// <summary>One instruction of a thread, its destination first.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="Bytes">Size of its operands: 1, 2, 4 or 8; of the result where an extension has two sizes.</param>
/// <param name="Operands">Its operands, the destination first.</param>
/// <param name="Text">As the file has it.</param>
public sealed record LitmusInstruction(Operation Operation, int Bytes, IReadOnlyList<Operand> Operands, string Text)
{
    /// <summary>Whether it has a LOCK prefix.</summary>
    public bool IsLocked { get; init; }

    /// <summary>What it looks at, if it is conditional.</summary>
    public FlagCondition Condition { get; init; }

    /// <summary>Size of the source of an extension.</summary>
    public int SourceBytes { get; init; }

    /// <summary>Its operand in memory; null if it does not touch memory.</summary>
    public AddressOperand? Address =>
        Operation == Operation.Lea ? null : Operands.OfType<AddressOperand>().FirstOrDefault();

    /// <summary>Whether it reads its operand in memory.</summary>
    public bool ReadsMemory => Address is not null
        && !(Operation is Operation.Mov or Operation.Setcc && Operands[0] is AddressOperand);

    /// <summary>Whether it writes its operand in memory. A compare-exchange does so also when it fails.</summary>
    public bool WritesMemory => Address is not null
        && (Operation is Operation.Xchg or Operation.Xadd
            || (Operands[0] is AddressOperand && Operation is not (Operation.Cmp or Operation.Test)));

    /// <summary>Whether it is atomic, and orders everything before and after it.</summary>
    public bool IsAtomic => IsLocked || (Operation == Operation.Xchg && Address is not null);

    /// <summary>Bytes that it touches in memory.</summary>
    public int AccessBytes => Operation is Operation.Movzx or Operation.Movsx ? SourceBytes : Bytes;
}
