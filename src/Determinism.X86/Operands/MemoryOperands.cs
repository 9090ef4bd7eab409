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
    /// <summary>As many accesses as any instruction makes that guests may use, and some more.</summary>
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
    /// <exception cref="ArgumentException"><paramref name="accesses"/> is too short, or the instruction is one whose accesses its
    /// general registers do not tell, such as a gather or XSAVE.</exception>
    public int Get(in Instruction instruction, in X86Registers registers, Span<MemoryAccess> accesses)
    {
        if (instruction.IsStringInstruction)
            return GetOfString(instruction, registers, accesses);
        var count = 0;
        foreach (var used in _factory.GetInfo(instruction, InstructionInfoOptions.NoRegisterUsage).GetUsedMemory())
        {
            if (used.Access is OpAccess.None or OpAccess.NoMemAccess)
                continue;
            if (count == accesses.Length)
                throw new ArgumentException("There is no room for all accesses.", nameof(accesses));
            var size = used.MemorySize.GetSize();
            if (size == 0 || used.Index.IsVectorRegister())
                throw new ArgumentException($"The accesses of {Disassembler.Text(instruction)} cannot be told.", nameof(instruction));
            var right = used.Access is OpAccess.Read or OpAccess.CondRead ? AccessRight.Read : AccessRight.ReadWrite;
            var address = Address(used, registers) + BitStringOffset(instruction, used, registers);
            accesses[count++] = new MemoryAccess(address, (uint)size, right);
        }

        return count;
    }

    /// <summary>One iteration of a string instruction: Iced would give the range of all of them.</summary>
    private static int GetOfString(in Instruction instruction, in X86Registers registers, Span<MemoryAccess> accesses)
    {
        var size = (uint)instruction.MemorySize.GetSize();
        var count = 0;
        for (var operand = 0; operand < instruction.OpCount; operand++)
        {
            var kind = instruction.GetOpKind(operand);
            var isSource = kind is OpKind.MemorySegRSI or OpKind.MemorySegESI;
            if (!isSource && kind is not (OpKind.MemoryESRDI or OpKind.MemoryESEDI))
                continue;
            var narrow = kind is OpKind.MemorySegESI or OpKind.MemoryESEDI;
            if ((instruction.HasRepPrefix || instruction.HasRepnePrefix) && Narrow(registers.Gpr[1], narrow) == 0)
                return 0;
            if (count == accesses.Length)
                throw new ArgumentException("There is no room for all accesses.", nameof(accesses));
            var address = isSource
                ? Segmented(Narrow(registers.Gpr[6], narrow), instruction.MemorySegment, registers)
                : Narrow(registers.Gpr[7], narrow);
            // MOVS and STOS have the destination as their first operand; CMPS and SCAS only read it.
            var writes = !isSource && operand == 0 && !Compares(instruction.Mnemonic);
            accesses[count++] = new MemoryAccess(address, size, writes ? AccessRight.ReadWrite : AccessRight.Read);
        }

        return count;
    }

    private static bool Compares(Mnemonic mnemonic) => mnemonic is Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd
        or Mnemonic.Cmpsq or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd or Mnemonic.Scasq;

    private static ulong Address(in UsedMemory used, in X86Registers registers)
    {
        var address = used.Displacement;
        if (used.Base != Register.None && !used.Base.IsIP())
            address += Value(used.Base, registers);
        if (used.Index != Register.None)
            address += Value(used.Index, registers) * (ulong)used.Scale;
        address = Narrow(address, used.AddressSize == CodeSize.Code32);
        return Segmented(address, used.Segment, registers);
    }

    private static ulong Segmented(ulong address, Register segment, in X86Registers registers) => segment switch
    {
        Register.FS => address + registers.FsBase,
        Register.GS => address + registers.GsBase,
        _ => address,
    };

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
