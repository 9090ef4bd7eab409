using System.Numerics;
using Iced.Intel;

namespace Determinism.Emulation;

// Operands: where registers lie in the state, how addresses are made, and how memory operands become loads and stores of a
// temporary around an operation on registers.
internal sealed unsafe partial class BlockBuilder
{
    private readonly record struct Address(ushort Base, ushort Index, byte Scale, long Displacement);

    private static int Offset(Register register)
    {
        if (register.IsXMM())
            return ProcessorState.XmmOffset + (16 * (register - Register.XMM0));
        var number = register.GetFullRegister() - Register.RAX;
        return ProcessorState.GprOffset + (8 * number) + (register is >= Register.AH and <= Register.BH ? 1 : 0);
    }

    private static int OperandSize(in Instruction instruction, int operand) => instruction.GetOpKind(operand) == Iced.Intel.OpKind.Register
        ? instruction.GetOpRegister(operand).GetSize()
        : instruction.MemorySize.GetSize();

    private static bool IsMemory(in Instruction instruction, int operand) =>
        instruction.GetOpKind(operand) == Iced.Intel.OpKind.Memory;

    /// <summary>The memory operand's address in the form that operations take; may need an operation of its own.</summary>
    private Address AddressOf(in Instruction instruction, bool segmented = true)
    {
        var segment = !segmented ? ProcessorState.ZeroOffset : instruction.MemorySegment switch
        {
            Register.FS => ProcessorState.FsBaseOffset,
            Register.GS => ProcessorState.GsBaseOffset,
            _ => ProcessorState.ZeroOffset,
        };
        var hasBase = instruction.MemoryBase != Register.None && !instruction.IsIPRelativeMemoryOperand;
        var hasIndex = instruction.MemoryIndex != Register.None;
        var first = hasBase ? Offset(instruction.MemoryBase) : ProcessorState.ZeroOffset;
        var index = hasIndex ? Offset(instruction.MemoryIndex) : ProcessorState.ZeroOffset;
        var scale = BitOperations.Log2((uint)instruction.MemoryIndexScale);
        var displacement = instruction.IsIPRelativeMemoryOperand
            ? instruction.IPRelativeMemoryAddress
            : instruction.MemoryDisplacement64;
        var plain = new Address((ushort)first, (ushort)index, (byte)scale, (long)displacement);
        if ((hasBase && instruction.MemoryBase.GetSize() == 4) || (hasIndex && instruction.MemoryIndex.GetSize() == 4))
        {
            Emit(OpKind.Lea32, plain, ProcessorState.AddressOffset, 0);
            return new Address(ProcessorState.AddressOffset, (ushort)segment, 0, 0);
        }

        if (segment == ProcessorState.ZeroOffset)
            return plain;
        if (!hasBase)
            return plain with { Base = (ushort)segment };
        if (!hasIndex)
            return plain with { Index = (ushort)segment, Scale = 0 };
        Emit(OpKind.Lea64, plain, ProcessorState.AddressOffset, 0);
        return new Address(ProcessorState.AddressOffset, (ushort)segment, 0, 0);
    }

    /// <summary>Where a source operand is: a register, the operation's immediate, or a temporary loaded from memory.</summary>
    private int Source(in Instruction instruction, int operand)
    {
        switch (instruction.GetOpKind(operand))
        {
            case Iced.Intel.OpKind.Register:
                return Offset(instruction.GetOpRegister(operand));
            case Iced.Intel.OpKind.Memory:
                var size = instruction.MemorySize.GetSize();
                Emit(Load(size), AddressOf(instruction), ProcessorState.TempOffset, 0);
                return ProcessorState.TempOffset;
            default:
                _immediate = (long)instruction.GetImmediate(operand);
                return ImmediateSource;
        }
    }

    /// <summary>A source of packed operations: 16 bytes in memory have to be aligned.</summary>
    private int PackedSource(in Instruction instruction, int operand)
    {
        if (!IsMemory(instruction, operand) || instruction.MemorySize.GetSize() != 16)
            return Source(instruction, operand);
        Emit(OpKind.LoadX128Aligned, AddressOf(instruction), ProcessorState.TempOffset, 0);
        return ProcessorState.TempOffset;
    }

    private static OpKind Load(int size) => size switch
    {
        1 => OpKind.Load8,
        2 => OpKind.Load16,
        4 => OpKind.Load32,
        8 => OpKind.Load64,
        _ => OpKind.LoadX128,
    };

    private static OpKind Store(int size) => size switch
    {
        1 => OpKind.Store8,
        2 => OpKind.Store16,
        4 => OpKind.Store32,
        8 => OpKind.Store64,
        _ => OpKind.StoreX128,
    };

    private static OpKind Move(int size) => size switch
    {
        1 => OpKind.Mov8,
        2 => OpKind.Mov16,
        4 => OpKind.Mov32,
        _ => OpKind.Mov64,
    };

    /// <summary>
    /// Where the destination of a read-modify-write is: a register, or a temporary loaded after the store has been found
    /// possible, so that nothing can fail once flags or registers have changed.
    /// </summary>
    private int OpenDestination(in Instruction instruction, int size, out Address address)
    {
        address = default;
        if (!IsMemory(instruction, 0))
            return Offset(instruction.Op0Register);
        address = AddressOf(instruction);
        var kind = size switch
        {
            1 => OpKind.LoadForStore8,
            2 => OpKind.LoadForStore16,
            4 => OpKind.LoadForStore32,
            _ => OpKind.LoadForStore64,
        };
        Emit(kind, address, ProcessorState.TempOffset, 0);
        return ProcessorState.TempOffset;
    }

    private void CloseDestination(in Instruction instruction, int size, in Address address)
    {
        if (IsMemory(instruction, 0))
            Emit(Store(size), address, 0, ProcessorState.TempOffset);
    }
}
