using System.Numerics;
using System.Runtime.CompilerServices;
using Iced.Intel;

namespace Determinism.Emulation;

// Operations that are too rare for the hot loop.
internal sealed unsafe partial class Processor
{
    /// <summary>PAUSEs after which a spinning guest gives its host thread's turn to another.</summary>
    private const ulong PausesPerYield = 64;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ColdResult Cold(MicroOp* op)
    {
        switch (op->Kind)
        {
            case OpKind.Xchg:
            {
                var first = ReadRegister(op->Dst, op->Size);
                WriteRegister(op->Dst, op->Size, ReadRegister(op->Src, op->Size));
                WriteRegister(op->Src, op->Size, first);
                return ColdResult.Next;
            }
            case OpKind.Not:
                WriteRegister(op->Dst, op->Size, ~ReadRegister(op->Dst, op->Size));
                return ColdResult.Next;
            case OpKind.ScalarSse:
                ScalarSse(op);
                return ColdResult.Next;
            case OpKind.ConvertSse:
                ConvertSse(op);
                return ColdResult.Next;
            case OpKind.PackedFloat:
                PackedFloat(op);
                return ColdResult.Next;
            case OpKind.PackedInteger:
                PackedInteger(op);
                return ColdResult.Next;
            case OpKind.PackedShift:
                PackedShift(op);
                return ColdResult.Next;
            case OpKind.Shuffle:
                Shuffle(op);
                return ColdResult.Next;
            case OpKind.ExtractMask:
                ExtractMask(op);
                return ColdResult.Next;
            case OpKind.AluSmall when (Mnemonic)op->Code == Mnemonic.Imul:
                MultiplyWords(op);
                return ColdResult.Next;
            case OpKind.AluSmall or OpKind.AluCarry:
            {
                var result = Arithmetic((Mnemonic)op->Code, op->Size, ReadRegister(op->Dst, op->Size), ReadRegister(op->Src, op->Size));
                WriteRegister(op->Dst, op->Size, result);
                return ColdResult.Next;
            }
            case OpKind.NegSmall or OpKind.IncDec:
                WriteRegister(op->Dst, op->Size, Unary((Mnemonic)op->Code, op->Size, ReadRegister(op->Dst, op->Size)));
                return ColdResult.Next;
            case OpKind.MulWide:
                MultiplyWide(op);
                return ColdResult.Next;
            case OpKind.Div:
                return Divide(op);
            case OpKind.Rotate:
                Rotate(op);
                return ColdResult.Next;
            case OpKind.ShiftSmall:
                ShiftSmall(op);
                return ColdResult.Next;
            case OpKind.DoubleShift:
                DoubleShift(op);
                return ColdResult.Next;
            case OpKind.Bit:
                var changed = ChangeBit((Mnemonic)op->Code, op->Size, ReadRegister(op->Dst, op->Size), (int)ReadRegister(op->Src, op->Size));
                if ((Mnemonic)op->Code != Mnemonic.Bt)
                    WriteRegister(op->Dst, op->Size, changed);
                return ColdResult.Next;
            case OpKind.BitScan:
                BitScan(op);
                return ColdResult.Next;
            case OpKind.CarryOp:
                ChangeCarry((Mnemonic)op->Code);
                return ColdResult.Next;
            case OpKind.Lahf:
                *((byte*)_state + ProcessorState.RaxOffset + 1) = (byte)((Flags.Materialize(_state) & 0xD5) | 2);
                return ColdResult.Next;
            case OpKind.Sahf:
                Flags.Change(_state, Flags.Status & ~Flags.Overflow, *((byte*)_state + ProcessorState.RaxOffset + 1));
                return ColdResult.Next;
            case OpKind.Setcc:
                *((byte*)_state + op->Dst) = Flags.Holds(_state, op->Code) ? (byte)1 : (byte)0;
                return ColdResult.Next;
            case OpKind.Cmov:
                WriteRegister(op->Dst, op->Size, ReadRegister(Flags.Holds(_state, op->Code) ? op->Src : op->Dst, op->Size));
                return ColdResult.Next;
            case OpKind.Loop:
                return Loop(op);
            case OpKind.Xadd:
            {
                var first = ReadRegister(op->Dst, op->Size);
                var sum = Arithmetic(Mnemonic.Add, op->Size, first, ReadRegister(op->Src, op->Size));
                WriteRegister(op->Src, op->Size, first);
                WriteRegister(op->Dst, op->Size, sum);
                return ColdResult.Next;
            }
            case OpKind.Cmpxchg:
                CompareExchange(op);
                return ColdResult.Next;
            case OpKind.StringOnce:
                return StringOnce(op);
            case OpKind.StringRepeated:
                return StringRepeated(op);
            case OpKind.Pause:
                if (++_state->PauseCount % PausesPerYield == 0)
                    Thread.Yield();
                return ColdResult.Next;
            case OpKind.Fence:
                Interlocked.MemoryBarrier();
                return ColdResult.Next;
            case OpKind.PortOut:
                _exit = new ProcessorExit(ProcessorExitReason.PortOut, default, (byte)op->Immediate, null);
                return ColdResult.Left;
            case OpKind.Unsupported:
                return Unsupported(op);
            default:
                return AtomicOperation(op);
        }
    }

    private ulong ReadRegister(int offset, int size)
    {
        var at = (byte*)_state + offset;
        return size switch
        {
            1 => *at,
            2 => *(ushort*)at,
            4 => *(uint*)at,
            _ => *(ulong*)at,
        };
    }

    /// <summary>Writes a register or temporary; 32 bits clear the upper half, fewer leave the rest.</summary>
    private void WriteRegister(int offset, int size, ulong value)
    {
        var at = (byte*)_state + offset;
        switch (size)
        {
            case 1:
                *at = (byte)value;
                break;
            case 2:
                *(ushort*)at = (ushort)value;
                break;
            case 4:
                *(ulong*)at = (uint)value;
                break;
            default:
                *(ulong*)at = value;
                break;
        }
    }

    private void KeepFlags(FlagKind kindOfBytes, int size, ulong a, ulong b)
    {
        _state->FlagA = a;
        _state->FlagB = b;
        _state->FlagKind = kindOfBytes + (uint)BitOperations.Log2((uint)size);
    }

    /// <summary>A two-operand operation: its result, flags kept.</summary>
    private ulong Arithmetic(Mnemonic operation, int size, ulong left, ulong right)
    {
        var unused = 64 - (8 * size);
        switch (operation)
        {
            case Mnemonic.Add:
                KeepFlags(FlagKind.Add8, size, left << unused, right << unused);
                return left + right;
            case Mnemonic.Sub or Mnemonic.Cmp:
                KeepFlags(FlagKind.Sub8, size, left << unused, right << unused);
                return left - right;
            case Mnemonic.Adc or Mnemonic.Sbb:
                return WithCarry(operation, size, left, right);
            default:
                var result = operation switch
                {
                    Mnemonic.And => left & right,
                    Mnemonic.Or => left | right,
                    _ => left ^ right,
                };
                KeepFlags(FlagKind.Sub8, size, result << unused, 0);
                return result;
        }
    }

    private ulong WithCarry(Mnemonic operation, int size, ulong left, ulong right)
    {
        var bits = 8 * size;
        var unused = 64 - bits;
        left = left << unused >> unused;
        right = right << unused >> unused;
        var carry = Flags.Materialize(_state) & Flags.Carry;
        var add = operation == Mnemonic.Adc;
        var wide = add ? (UInt128)left + right + carry : (UInt128)left - right - carry;
        var result = (ulong)wide << unused >> unused;
        var carryOut = (ulong)(wide >> bits) & 1;
        var overflow = add ? ~(left ^ right) & (left ^ result) : (left ^ right) & (left ^ result);
        Flags.Set(_state, carryOut | (((overflow >> (bits - 1)) & 1) * Flags.Overflow)
            | ((left ^ right ^ result) & Flags.Adjust) | Flags.OfResult(result, bits));
        return result;
    }

    private ulong Unary(Mnemonic operation, int size, ulong value)
    {
        var unused = 64 - (8 * size);
        switch (operation)
        {
            case Mnemonic.Neg:
                KeepFlags(FlagKind.Sub8, size, 0, value << unused);
                return 0 - value;
            case Mnemonic.Not:
                return ~value;
            default:
                // INC and DEC leave the carry as it is.
                var carry = Flags.Materialize(_state) & Flags.Carry;
                KeepFlags(operation == Mnemonic.Inc ? FlagKind.Add8 : FlagKind.Sub8, size, value << unused, 1UL << unused);
                Flags.Change(_state, Flags.Carry, carry);
                return operation == Mnemonic.Inc ? value + 1 : value - 1;
        }
    }

    private ulong ChangeBit(Mnemonic operation, int size, ulong value, int number)
    {
        var bit = 1UL << (number & ((8 * size) - 1));
        Flags.Change(_state, Flags.Carry, (value & bit) != 0 ? Flags.Carry : 0);
        return operation switch
        {
            Mnemonic.Bts => value | bit,
            Mnemonic.Btr => value & ~bit,
            Mnemonic.Btc => value ^ bit,
            _ => value,
        };
    }

    private void BitScan(MicroOp* op)
    {
        var bits = 8 * op->Size;
        var source = ReadRegister(op->Src, op->Size);
        var operation = (Mnemonic)op->Code;
        if (operation == Mnemonic.Popcnt)
        {
            Flags.Set(_state, source == 0 ? Flags.Zero : 0);
            WriteRegister(op->Dst, op->Size, (ulong)BitOperations.PopCount(source));
            return;
        }

        if (operation is Mnemonic.Bsf or Mnemonic.Bsr)
        {
            Flags.Change(_state, Flags.Zero, source == 0 ? Flags.Zero : 0);
            // Of zero the destination is undefined: here it stays what it was.
            if (source != 0)
                WriteRegister(op->Dst, op->Size, (ulong)(operation == Mnemonic.Bsf ? BitOperations.TrailingZeroCount(source) : BitOperations.Log2(source)));
            return;
        }

        var count = source == 0 ? bits
            : operation == Mnemonic.Tzcnt ? BitOperations.TrailingZeroCount(source)
            : bits - 1 - BitOperations.Log2(source);
        Flags.Change(_state, Flags.Carry | Flags.Zero, (source == 0 ? Flags.Carry : 0) | (count == 0 ? Flags.Zero : 0));
        WriteRegister(op->Dst, op->Size, (ulong)count);
    }

    private void ChangeCarry(Mnemonic operation)
    {
        const ulong Direction = 0x400;
        switch (operation)
        {
            case Mnemonic.Clc:
                Flags.Change(_state, Flags.Carry, 0);
                break;
            case Mnemonic.Stc:
                Flags.Change(_state, Flags.Carry, Flags.Carry);
                break;
            case Mnemonic.Cmc:
                Flags.Change(_state, Flags.Carry, ~Flags.Materialize(_state));
                break;
            case Mnemonic.Cld:
                _state->Registers.Rflags &= ~Direction;
                break;
            default:
                _state->Registers.Rflags |= Direction;
                break;
        }
    }

    private ColdResult Loop(MicroOp* op)
    {
        var operation = (Mnemonic)op->Code;
        var count = ReadRegister(ProcessorState.RcxOffset, op->Size);
        if (operation is Mnemonic.Jrcxz or Mnemonic.Jecxz)
            return count == 0 ? ColdResult.Branch : ColdResult.Skip;
        count = op->Size == 8 ? count - 1 : (uint)(count - 1);
        WriteRegister(ProcessorState.RcxOffset, op->Size, count);
        var wanted = operation switch
        {
            Mnemonic.Loope => (Flags.Materialize(_state) & Flags.Zero) != 0,
            Mnemonic.Loopne => (Flags.Materialize(_state) & Flags.Zero) == 0,
            _ => true,
        };
        return count != 0 && wanted ? ColdResult.Branch : ColdResult.Skip;
    }

    private ColdResult Unsupported(MicroOp* op)
    {
        if (_state->Budget == 0)
            return ColdResult.Stopped;
        var rip = ((Links*)(op + 1))->NextRip;
        var bytes = FetchableBytes(rip);
        var reason = _builder.ReasonToRefuse(bytes, rip);
        var message = $"{X86.Disassembler.Line(bytes, rip)}: {reason}";
        _exit = new ProcessorExit(ProcessorExitReason.Unsupported, default, 0, message);
        return ColdResult.Fault;
    }
}
