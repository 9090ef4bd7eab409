using Iced.Intel;

namespace Determinism.X86;

/// <summary>
/// Which memory an instruction touches, and how: the one table of access kinds, for every backend.
/// </summary>
/// <remarks>
/// Explicit and implicit operands alike. A compare-exchange is a write also when it fails, a conditional move a read also
/// when it does not move, since both fault like that. Of a repeated string instruction the accesses of one iteration are
/// given, none when its count is zero. Allocates nothing after construction. Not thread-safe: one a thread.
/// </remarks>
public sealed class MemoryOperands
{
    /// <summary>More accesses than any instruction makes.</summary>
    public const int MaximumAccesses = 4;

    private readonly InstructionInfoFactory _factory = new();

    /// <summary>The access that fetches an instruction.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <returns>A read of all its bytes.</returns>
    public static MemoryAccess Fetch(in Instruction instruction) =>
        new(instruction.IP, (uint)instruction.Length, AccessRight.Read);

    /// <summary>Fills in the accesses that an instruction makes to data, its stack included and its own bytes not.</summary>
    /// <param name="instruction">The instruction, about to be executed.</param>
    /// <param name="registers">The registers before it.</param>
    /// <param name="accesses">Where the accesses go; <see cref="MaximumAccesses"/> are always enough.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="ArgumentException"><paramref name="accesses"/> is too short.</exception>
    public int Get(in Instruction instruction, in X86Registers registers, Span<MemoryAccess> accesses)
    {
        if (instruction.IsStringInstruction && (instruction.HasRepPrefix || instruction.HasRepnePrefix)
            && RepeatCount(instruction, registers) == 0)
            return 0;

        var count = 0;
        foreach (var used in _factory.GetInfo(instruction, InstructionInfoOptions.NoRegisterUsage).GetUsedMemory())
        {
            if (used.Access is OpAccess.None or OpAccess.NoMemAccess)
                continue;
            if (count == accesses.Length)
                throw new ArgumentException("There is no room for all accesses.", nameof(accesses));
            var right = used.Access is OpAccess.Read or OpAccess.CondRead ? AccessRight.Read : AccessRight.ReadWrite;
            var address = Address(used, registers) + BitStringOffset(instruction, used, registers);
            accesses[count++] = new MemoryAccess(address, (uint)used.MemorySize.GetSize(), right);
        }

        return count;
    }

    private static ulong RepeatCount(in Instruction instruction, in X86Registers registers) =>
        Narrow(registers.Gpr[1], Uses32BitAddresses(instruction));

    // A string operand tells the address size by its index register, so a 0x67 prefix needs no look at the bytes.
    private static bool Uses32BitAddresses(in Instruction instruction)
    {
        for (var operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) is OpKind.MemorySegESI or OpKind.MemoryESEDI)
                return true;
        }

        return false;
    }

    private static ulong Address(in UsedMemory used, in X86Registers registers)
    {
        var address = used.Displacement;
        if (used.Base != Register.None && !used.Base.IsIP())
            address += Value(used.Base, registers);
        if (used.Index != Register.None)
            address += Value(used.Index, registers) * (ulong)used.Scale;
        address = Narrow(address, used.AddressSize == CodeSize.Code32);
        return used.Segment switch
        {
            Register.FS => address + registers.FsBase,
            Register.GS => address + registers.GsBase,
            _ => address,
        };
    }

    /// <summary>How far a bit string's register reaches beyond its operand, in steps of the operand's size.</summary>
    private static ulong BitStringOffset(in Instruction instruction, in UsedMemory used, in X86Registers registers)
    {
        if (instruction.Mnemonic is not (Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc)
            || instruction.Op1Kind != OpKind.Register)
            return 0;
        var size = used.MemorySize.GetSize();
        var value = Value(instruction.Op1Register, registers);
        return (ulong)(size switch
        {
            2 => ((short)value >> 4) * 2L,
            4 => ((int)value >> 5) * 4L,
            _ => ((long)value >> 6) * 8,
        });
    }

    private static ulong Value(Register register, in X86Registers registers)
    {
        var value = registers.Gpr[register.GetFullRegister() - Register.RAX];
        return register.GetSize() switch
        {
            8 => value,
            4 => (uint)value,
            2 => (ushort)value,
            _ => (byte)(register is >= Register.AH and <= Register.BH ? value >> 8 : value),
        };
    }

    private static ulong Narrow(ulong value, bool to32Bits) => to32Bits ? (uint)value : value;
}
