using System.Numerics;
using Iced.Intel;

namespace Determinism.Emulation;

// Multiplication, division, rotates, and shifts of small or two operands.
internal sealed unsafe partial class Processor
{
    private static long Signed(ulong value, int bits) => (long)(value << (64 - bits)) >> (64 - bits);

    private void MultiplyWords(MicroOp* op)
    {
        var product = Signed(ReadRegister(op->Base, op->Size), 8 * op->Size) * Signed(ReadRegister(op->Src, op->Size), 8 * op->Size);
        KeepFlags(FlagKind.Product8, op->Size, (ushort)product, product == (short)product ? 0ul : 1ul);
        WriteRegister(op->Dst, op->Size, (ulong)product);
    }

    /// <summary>One-operand MUL and IMUL.</summary>
    private void MultiplyWide(MicroOp* op)
    {
        var bits = 8 * op->Size;
        var left = ReadRegister(ProcessorState.RaxOffset, op->Size);
        var right = ReadRegister(op->Src, op->Size);
        ulong low, high;
        bool fits;
        if ((Mnemonic)op->Code == Mnemonic.Mul)
        {
            var product = (UInt128)left * right;
            low = (ulong)product;
            high = (ulong)(product >> bits);
            fits = product >> bits == 0;
        }
        else
        {
            var product = (Int128)Signed(left, bits) * Signed(right, bits);
            low = (ulong)product;
            high = (ulong)(product >> bits);
            fits = product == Signed(low, bits);
        }

        KeepFlags(FlagKind.Product8, op->Size, low << (64 - bits) >> (64 - bits), fits ? 0ul : 1ul);
        if (op->Size == 1)
        {
            WriteRegister(ProcessorState.RaxOffset, 2, (low & 0xFF) | (high << 8));
            return;
        }

        WriteRegister(ProcessorState.RaxOffset, op->Size, low);
        WriteRegister(ProcessorState.RdxOffset, op->Size, high);
    }

    private ColdResult Divide(MicroOp* op)
    {
        var bits = 8 * op->Size;
        var divisor = ReadRegister(op->Src, op->Size);
        var low = ReadRegister(ProcessorState.RaxOffset, op->Size);
        var high = op->Size == 1 ? ReadRegister(ProcessorState.RaxOffset + 1, 1) : ReadRegister(ProcessorState.RdxOffset, op->Size);
        var dividend = ((UInt128)high << bits) | low;
        ulong quotient, remainder;
        if (divisor == 0)
            return DivideError();
        if ((Mnemonic)op->Code == Mnemonic.Div)
        {
            if (high >= divisor)
                return DivideError();
            (quotient, remainder) = high == 0 ? Math.DivRem(low, divisor) : DivideWide(dividend, divisor);
        }
        else
        {
            var signed = (Int128)(dividend << (128 - (2 * bits))) >> (128 - (2 * bits));
            var by = Signed(divisor, bits);
            var whole = by == -1 ? -signed : signed == (long)signed ? (long)signed / by : signed / by;
            if (whole != Signed((ulong)whole, bits))
                return DivideError();
            quotient = (ulong)whole;
            remainder = (ulong)(signed - (whole * by));
        }

        if (op->Size == 1)
        {
            WriteRegister(ProcessorState.RaxOffset, 2, (quotient & 0xFF) | (remainder << 8));
            return ColdResult.Next;
        }

        WriteRegister(ProcessorState.RaxOffset, op->Size, quotient);
        WriteRegister(ProcessorState.RdxOffset, op->Size, remainder);
        return ColdResult.Next;
    }

    private static (ulong Quotient, ulong Remainder) DivideWide(UInt128 dividend, ulong divisor)
    {
        var quotient = (ulong)(dividend / divisor);
        return (quotient, (ulong)(dividend - ((UInt128)quotient * divisor)));
    }

    private ColdResult DivideError()
    {
        _exit = new ProcessorExit(ProcessorExitReason.DivideError, default, 0, null);
        return ColdResult.Fault;
    }

    private void ShiftSmall(MicroOp* op)
    {
        var count = (int)(ReadRegister(op->Src, 1) & 31);
        var value = ReadRegister(op->Dst, op->Size);
        if (count == 0)
            return;
        var kind = (Mnemonic)op->Code switch
        {
            Mnemonic.Shr => FlagKind.Shr8,
            Mnemonic.Sar => FlagKind.Sar8,
            _ => FlagKind.Shl8,
        };
        KeepFlags(kind, op->Size, value, (ulong)count);
        WriteRegister(op->Dst, op->Size, kind switch
        {
            FlagKind.Shr8 => value >> count,
            FlagKind.Sar8 => (ulong)(Signed(value, 8 * op->Size) >> count),
            _ => value << count,
        });
    }

    /// <summary>ROL, ROR, RCL and RCR with their flags: CF and OF, the latter as for a count of one.</summary>
    private void Rotate(MicroOp* op)
    {
        var operation = (Mnemonic)op->Code;
        var bits = 8 * op->Size;
        var count = (int)(ReadRegister(op->Src, 1) & (op->Size == 8 ? 63u : 31u));
        var value = ReadRegister(op->Dst, op->Size);
        var throughCarry = operation is Mnemonic.Rcl or Mnemonic.Rcr;
        var left = operation is Mnemonic.Rol or Mnemonic.Rcl;
        if (count == 0)
        {
            // Only the upper half of a 32-bit register goes.
            WriteRegister(op->Dst, op->Size, value);
            return;
        }

        // Rotating through the carry is rotating a number that is one bit longer.
        var width = throughCarry ? bits + 1 : bits;
        var carryIn = (UInt128)(Flags.Materialize(_state) & Flags.Carry);
        var longValue = throughCarry ? (carryIn << bits) | value : value;
        var steps = count % width;
        if (!left)
            steps = width - steps;
        var mask = (UInt128.One << width) - 1;
        var rotated = ((longValue << steps) | (longValue >> (width - steps))) & mask;
        var result = (ulong)(rotated & ((UInt128.One << bits) - 1));
        var sign = (result >> (bits - 1)) & 1;
        var carry = throughCarry ? (ulong)(rotated >> bits) & 1 : left ? result & 1 : sign;
        var overflow = left ? sign ^ carry : sign ^ ((result >> (bits - 2)) & 1);
        Flags.Change(_state, Flags.Carry | Flags.Overflow, carry | (overflow * Flags.Overflow));
        WriteRegister(op->Dst, op->Size, result);
    }

    /// <summary>SHLD and SHRD. A count beyond 16 bits of operand is undefined: here bits of the source follow twice.</summary>
    private void DoubleShift(MicroOp* op)
    {
        var bits = 8 * op->Size;
        var count = (int)((op->Index == ProcessorState.RcxOffset ? _state->Registers.Gpr[1] : (ulong)op->Immediate) & (op->Size == 8 ? 63u : 31u));
        var value = ReadRegister(op->Dst, op->Size);
        var filler = ReadRegister(op->Src, op->Size);
        if (count == 0)
        {
            WriteRegister(op->Dst, op->Size, value);
            return;
        }

        ulong result, carry;
        if ((Mnemonic)op->Code == Mnemonic.Shld)
        {
            var joined = ((UInt128)value << bits) | filler;
            result = (ulong)(joined << count >> bits);
            carry = count <= bits ? (value >> (bits - count)) & 1 : (filler >> ((2 * bits) - count)) & 1;
        }
        else
        {
            var joined = ((UInt128)filler << bits) | value;
            result = (ulong)(joined >> count);
            carry = (ulong)(joined >> (count - 1)) & 1;
        }

        result = result << (64 - bits) >> (64 - bits);
        var overflow = ((result ^ value) >> (bits - 1)) & 1;
        Flags.Set(_state, carry | (overflow * Flags.Overflow) | Flags.OfResult(result, bits));
        WriteRegister(op->Dst, op->Size, result);
    }
}
