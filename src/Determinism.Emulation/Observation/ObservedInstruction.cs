using Iced.Intel;

namespace Determinism.Emulation.Observation;

/// <summary>A decoded instruction, with what an observer wants to know of it every time.</summary>
internal sealed class ObservedInstruction
{
    public ObservedInstruction(in Instruction instruction, ReadOnlySpan<byte> bytes)
    {
        Instruction = instruction;
        Bytes = bytes[..instruction.Length].ToArray();
        (TouchesMemory, UpdatesMemory) = Touches(instruction);
        // XCHG with memory locks without being told to.
        IsLocked = TouchesMemory && (instruction.HasLockPrefix || instruction.Mnemonic == Mnemonic.Xchg);
    }

    public Instruction Instruction { get; }

    /// <summary>Its bytes, since a program may change its code.</summary>
    public byte[] Bytes { get; }

    public ulong Address => Instruction.IP;

    public ulong End => Instruction.NextIP;

    public bool TouchesMemory { get; }

    /// <summary>Whether it reads what it writes.</summary>
    public bool UpdatesMemory { get; }

    public bool IsLocked { get; }

    // No instruction writes one place and updates another.
    private static (bool Touches, bool Updates) Touches(in Instruction instruction)
    {
        if (instruction.IsStringInstruction)
            return (true, false);
        bool touches = false, updates = false;
        foreach (UsedMemory used in new InstructionInfoFactory().GetInfo(instruction).GetUsedMemory())
        {
            touches |= used.Access is not (OpAccess.None or OpAccess.NoMemAccess);
            updates |= used.Access is OpAccess.ReadWrite or OpAccess.ReadCondWrite;
        }
        return (touches, updates);
    }
}
