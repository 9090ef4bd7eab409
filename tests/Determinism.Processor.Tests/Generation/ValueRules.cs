using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>Operand values without which an instruction would fault, be undefined or be boring.</summary>
internal sealed class ValueRules(ulong middle, bool alone, Constraints constraints, Pcg random)
{
    private static readonly byte[] _counts = [0, 1, 2, 7, 8, 9, 15, 16, 17, 18, 27, 31, 32, 33, 62, 63, 64, 65, 128, 129, 255];

    // What memory must hold, once it is known where.
    private ulong? _memory;
    private ulong _memoryHigh;

    /// <summary>Rules about registers; may also add a repeat prefix.</summary>
    /// <param name="instruction">The instruction, operands chosen except for the memory operand's address.</param>
    /// <param name="memoryOperand">Which operand is in memory, or -1.</param>
    /// <param name="count">The shift or repeat count, if known.</param>
    /// <param name="undefinedRegister">A register left undefined, or -1.</param>
    /// <returns>Whether the rules can be kept.</returns>
    public bool Registers(ref Instruction instruction, int memoryOperand, ref ulong? count, ref int undefinedRegister)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Push or Mnemonic.Pop:
                return constraints.Set(Register.RSP, AnyAddress(), random);
            case Mnemonic.Leave:
                return constraints.Set(Register.RBP, AnyAddress(), random);
            case Mnemonic.Div or Mnemonic.Idiv:
                return Division(instruction, memoryOperand);
            case Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc
                when memoryOperand == 0 && instruction.Op1Kind == OpKind.Register:
                return constraints.Set(instruction.Op1Register, (ulong)(long)random.Between(-512, 511), random);
            case Mnemonic.Bsf or Mnemonic.Bsr:
                return Scan(instruction, memoryOperand, ref undefinedRegister);
            case Mnemonic.Cmpxchg when random.OneIn(2):
                return CompareExchange(instruction, memoryOperand);
            case Mnemonic.Cmpxchg8b or Mnemonic.Cmpxchg16b when random.OneIn(2):
                _memory = Values.Integer(random);
                _memoryHigh = Values.Integer(random);
                return instruction.Mnemonic == Mnemonic.Cmpxchg8b
                    ? constraints.Set(Register.EAX, _memory.Value, random) && constraints.Set(Register.EDX, _memory.Value >> 32, random)
                    : constraints.Set(Register.RAX, _memory.Value, random) && constraints.Set(Register.RDX, _memoryHigh, random);
        }
        if (instruction.IsStringInstruction)
            return String(ref instruction, ref count);
        for (var i = 1; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) != OpKind.Register || instruction.GetOpRegister(i) != Register.CL || !IsShift(instruction.Mnemonic))
                continue;
            var narrow = instruction.Mnemonic is Mnemonic.Shld or Mnemonic.Shrd && instruction.Code.ToOpCode().OperandSize == 16;
            count = narrow ? (ulong)(random.Below(17) + (32 * random.Below(8))) : random.Pick<byte>(_counts);
            return constraints.Set(Register.CL, count.Value, random);
        }
        return true;
    }

    /// <summary>Rules about the memory operand's value.</summary>
    public void Memory(in Instruction instruction, ulong address)
    {
        var bytes = instruction.MemorySize.GetSize();
        if (_memory is { } value)
        {
            constraints.Set(address, value, Math.Min(bytes, 8));
            if (bytes == 16)
                constraints.Set(address + 8, _memoryHigh, 8);
        }
    }

    private static bool IsShift(Mnemonic mnemonic) => mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar
        or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr or Mnemonic.Shld or Mnemonic.Shrd;

    private ulong AnyAddress() =>
        middle + (ulong)(long)(random.OneIn(3) ? random.Between(-8, 8) : random.Between(-160, 160));

    private bool Scan(in Instruction instruction, int memoryOperand, ref int undefinedRegister)
    {
        var bits = instruction.Op0Register.GetSize() * 8;
        var value = Values.Integer(random) & Mask(bits);
        if (value == 0 && !alone)
            value = 1UL << random.Below(bits);
        if (value == 0)
            undefinedRegister = Constraints.Number(instruction.Op0Register);
        return Give(instruction, 1, memoryOperand, value);
    }

    private bool CompareExchange(in Instruction instruction, int memoryOperand)
    {
        var register = instruction.Op1Register.GetSize() switch
        {
            1 => Register.AL,
            2 => Register.AX,
            4 => Register.EAX,
            _ => Register.RAX,
        };
        var value = Values.Integer(random);
        return constraints.Set(register, value, random) && Give(instruction, 0, memoryOperand, value);
    }

    private bool Division(in Instruction instruction, int memoryOperand)
    {
        var bits = 8 * (memoryOperand == 0 ? instruction.MemorySize.GetSize() : instruction.Op0Register.GetSize());
        var signed = instruction.Mnemonic == Mnemonic.Idiv;
        var divisor = Values.Integer(random) & Mask(bits);
        if (divisor == 0)
            return false;
        UInt128 dividend;
        if (signed)
        {
            Int128 by = SignExtend(divisor, bits);
            Int128 quotient = SignExtend(Values.Integer(random) & Mask(bits), bits);
            Int128 rest = (Int128)(UInt128)Values.Integer(random) % Int128.Abs(by);
            var product = quotient * by;
            if (Int128.IsNegative(product) || (product == 0 && random.OneIn(2)))
                rest = -rest;
            dividend = (UInt128)(product + rest);
        }
        else
        {
            var high = Values.Integer(random) % divisor;
            dividend = ((UInt128)high << bits) | (Values.Integer(random) & Mask(bits));
        }
        var set = bits switch
        {
            8 => constraints.Set(Register.AX, (ulong)dividend, random),
            16 => constraints.Set(Register.AX, (ulong)dividend, random) && constraints.Set(Register.DX, (ulong)(dividend >> 16), random),
            32 => constraints.Set(Register.EAX, (ulong)dividend, random) && constraints.Set(Register.EDX, (ulong)(dividend >> 32), random),
            _ => constraints.Set(Register.RAX, (ulong)dividend, random) && constraints.Set(Register.RDX, (ulong)(dividend >> 64), random),
        };
        return set && Give(instruction, 0, memoryOperand, divisor);
    }

    private bool String(ref Instruction instruction, ref ulong? count)
    {
        var compares = instruction.Mnemonic is Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Cmpsq
            or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd or Mnemonic.Scasq;
        if (random.Below(3) != 0)
        {
            // REPNE with an instruction that does not compare is reserved.
            if (compares && random.OneIn(2))
                instruction.HasRepnePrefix = true;
            else
                instruction.HasRepPrefix = true;
            count = (ulong)random.Below(9);
            constraints.Set(Register.RCX, count.Value, random);
        }
        for (var i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.MemoryESRDI)
                constraints.Set(Register.RDI, AnyAddress(), random);
            else if (instruction.GetOpKind(i) == OpKind.MemorySegRSI)
                constraints.Set(Register.RSI, AnyAddress(), random);
        }
        if (compares && random.OneIn(2))
            constraints.Set(Register.RAX, random.OneIn(2) ? 0 : 0x0101_0101_0101_0101UL, random);
        return true;
    }

    private bool Give(in Instruction instruction, int operand, int memoryOperand, ulong value)
    {
        if (operand != memoryOperand)
            return constraints.Set(instruction.GetOpRegister(operand), value, random);
        _memory = value;
        return true;
    }

    private static ulong Mask(int bits) => bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;

    private static long SignExtend(ulong value, int bits) => (long)(value << (64 - bits)) >> (64 - bits);
}
