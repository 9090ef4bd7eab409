using Iced.Intel;

namespace Determinism.Emulation;

internal sealed unsafe partial class BlockBuilder
{
    /// <summary>Translates one instruction; a fused sequence leaves its last one in <paramref name="instruction"/>.</summary>
    private void Translate(ref Instruction instruction)
    {
        if (instruction.IsStringInstruction)
        {
            // Before all others: SSE has instructions of the same names.
            if (!TryTranslateString(instruction))
                Refuse(instruction.IP);
            return;
        }

        if (!HasPlainOperands(instruction))
            Refuse(instruction.IP);
        else if (!_single && instruction.Mnemonic == Mnemonic.Inc && TryFusePoll(ref instruction))
            return;
        else if (!TryTranslateInteger(instruction) && !TryTranslateControl(ref instruction) && !TryTranslateSse(instruction))
            Refuse(instruction.IP);
    }

    private static bool HasPlainOperands(in Instruction instruction)
    {
        for (var operand = 0; operand < instruction.OpCount; operand++)
        {
            switch (instruction.GetOpKind(operand))
            {
                case Iced.Intel.OpKind.Register:
                    var register = instruction.GetOpRegister(operand);
                    if (!register.IsGPR() && !register.IsXMM())
                        return false;
                    break;
                case Iced.Intel.OpKind.Memory or Iced.Intel.OpKind.NearBranch64:
                case >= Iced.Intel.OpKind.Immediate8 and <= Iced.Intel.OpKind.Immediate32to64:
                    break;
                default:
                    return false;
            }
        }

        return instruction.Encoding == EncodingKind.Legacy;
    }

    private bool TryTranslateInteger(in Instruction instruction)
    {
        var size = instruction.OpCount > 0 ? OperandSize(instruction, 0) : 0;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Mov:
                Moves(instruction, size);
                return true;
            case Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd:
                Extends(instruction, size);
                return true;
            case Mnemonic.Lea:
                LoadsAddress(instruction, size);
                return true;
            case Mnemonic.Add or Mnemonic.Sub or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Adc or Mnemonic.Sbb:
                Alu(instruction, size);
                return true;
            case Mnemonic.Cmp or Mnemonic.Test:
            {
                var left = Source(instruction, 0);
                var first = instruction.Mnemonic == Mnemonic.Cmp ? OpKind.Cmp8 : OpKind.Test8;
                Emit(first.Plus(BitSize(size)), left, Source(instruction, 1));
                return true;
            }
            case Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Not:
                Unary(instruction, size);
                return true;
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar:
                Shift(instruction, size);
                return true;
            case Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr:
            {
                var destination = OpenDestination(instruction, size, out var address);
                EmitCoded(OpKind.Rotate, instruction.Mnemonic, size, destination, Source(instruction, 1));
                CloseDestination(instruction, size, address);
                return true;
            }
            case Mnemonic.Shld or Mnemonic.Shrd:
            {
                var destination = OpenDestination(instruction, size, out var address);
                var op = EmitCoded(OpKind.DoubleShift, instruction.Mnemonic, size, destination, Offset(instruction.Op1Register));
                if (instruction.Op2Kind == Iced.Intel.OpKind.Register)
                    op->Index = ProcessorState.RcxOffset;
                else
                    op->Immediate = instruction.Immediate8;
                CloseDestination(instruction, size, address);
                return true;
            }
            case Mnemonic.Imul when instruction.OpCount > 1:
                Multiplies(instruction, size);
                return true;
            case Mnemonic.Mul or Mnemonic.Imul:
                if (instruction.Mnemonic == Mnemonic.Mul && size >= 4)
                    Emit(size == 8 ? OpKind.Mul64F : OpKind.Mul32F, 0, Source(instruction, 0));
                else
                    EmitCoded(OpKind.MulWide, instruction.Mnemonic, size, 0, Source(instruction, 0));
                return true;
            case Mnemonic.Div or Mnemonic.Idiv:
                EmitCoded(OpKind.Div, instruction.Mnemonic, size, 0, Source(instruction, 0));
                return true;
            case Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc:
                Bits(instruction, size);
                return true;
            case Mnemonic.Bsf or Mnemonic.Bsr or Mnemonic.Tzcnt or Mnemonic.Lzcnt or Mnemonic.Popcnt:
                EmitCoded(OpKind.BitScan, instruction.Mnemonic, size, Offset(instruction.Op0Register), Source(instruction, 1));
                return true;
            case Mnemonic.Bswap when size >= 4:
                Emit(size == 8 ? OpKind.Bswap64 : OpKind.Bswap32, Offset(instruction.Op0Register), 0);
                return true;
            case Mnemonic.Xchg:
                if (IsMemory(instruction, 0))
                    Atomic(OpKind.XchgMemory, instruction, size, Offset(instruction.Op1Register));
                else
                    EmitCoded(OpKind.Xchg, Mnemonic.Xchg, size, Offset(instruction.Op0Register), Offset(instruction.Op1Register));
                return true;
            case Mnemonic.Xadd:
                Exchange(OpKind.Xadd, OpKind.XaddMemory, instruction, size);
                return true;
            case Mnemonic.Cmpxchg:
                Exchange(OpKind.Cmpxchg, OpKind.CmpxchgMemory, instruction, size);
                return true;
            case Mnemonic.Cmpxchg8b or Mnemonic.Cmpxchg16b:
                Atomic(OpKind.CmpxchgPair, instruction, size, 0);
                return true;
            case Mnemonic.Cbw:
                Emit(OpKind.MovSx8To32, ProcessorState.TempOffset, ProcessorState.RaxOffset);
                Emit(OpKind.Mov16, ProcessorState.RaxOffset, ProcessorState.TempOffset);
                return true;
            case Mnemonic.Cwde:
                Emit(OpKind.MovSx16To32, ProcessorState.RaxOffset, ProcessorState.RaxOffset);
                return true;
            case Mnemonic.Cdqe:
                Emit(OpKind.MovSx32To64, ProcessorState.RaxOffset, ProcessorState.RaxOffset);
                return true;
            case Mnemonic.Cwd:
                Emit(OpKind.MovSx16To64, ProcessorState.TempOffset, ProcessorState.RaxOffset);
                _immediate = 63;
                Emit(OpKind.Sar64, ProcessorState.TempOffset, ImmediateSource);
                Emit(OpKind.Mov16, ProcessorState.RdxOffset, ProcessorState.TempOffset);
                return true;
            case Mnemonic.Cdq:
                Emit(OpKind.Cdq);
                return true;
            case Mnemonic.Cqo:
                Emit(OpKind.Cqo);
                return true;
            case Mnemonic.Lahf:
                Emit(OpKind.Lahf);
                return true;
            case Mnemonic.Sahf:
                Emit(OpKind.Sahf);
                return true;
            case Mnemonic.Clc or Mnemonic.Stc or Mnemonic.Cmc or Mnemonic.Cld or Mnemonic.Std:
                EmitCoded(OpKind.CarryOp, instruction.Mnemonic, 0, 0, 0);
                return true;
            default:
                return false;
        }
    }

    private static int BitSize(int bytes) => System.Numerics.BitOperations.Log2((uint)bytes);

    private void Moves(in Instruction instruction, int size)
    {
        if (IsMemory(instruction, 0))
        {
            var address = AddressOf(instruction);
            if (instruction.Op1Kind == Iced.Intel.OpKind.Register)
            {
                Emit(Store(size), address, 0, Offset(instruction.Op1Register));
            }
            else
            {
                _immediate = (long)instruction.GetImmediate(1);
                Emit(Store(size), address, 0, ImmediateSource);
            }
        }
        else if (IsMemory(instruction, 1))
        {
            Emit(Load(size), AddressOf(instruction), Offset(instruction.Op0Register), 0);
        }
        else
        {
            Emit(Move(size), Offset(instruction.Op0Register), Source(instruction, 1));
        }
    }

    private void Extends(in Instruction instruction, int size)
    {
        var from = OperandSize(instruction, 1);
        var signed = instruction.Mnemonic != Mnemonic.Movzx;
        if (size == 2 || from == size)
        {
            // To 16 bits the upper ones stay: by way of a temporary. MOVSXD can be a plain move.
            var source = Source(instruction, 1);
            if (from != size)
                Emit(signed ? OpKind.MovSx8To32 : OpKind.MovZx8, ProcessorState.TempOffset, source);
            Emit(Move(size), Offset(instruction.Op0Register), from == size ? source : ProcessorState.TempOffset);
            return;
        }

        var destination = Offset(instruction.Op0Register);
        var kind = (from, signed, size) switch
        {
            (1, false, _) => OpKind.MovZx8,
            (2, false, _) => OpKind.MovZx16,
            (1, true, 4) => OpKind.MovSx8To32,
            (1, true, _) => OpKind.MovSx8To64,
            (2, true, 4) => OpKind.MovSx16To32,
            (2, true, _) => OpKind.MovSx16To64,
            _ => OpKind.MovSx32To64,
        };
        if (IsMemory(instruction, 1))
            Emit(OpKind.LoadZx8.Plus(kind - OpKind.MovZx8), AddressOf(instruction), destination, 0);
        else
            Emit(kind, destination, Offset(instruction.Op1Register));
    }

    private void LoadsAddress(in Instruction instruction, int size)
    {
        var address = AddressOf(instruction, segmented: false);
        var destination = Offset(instruction.Op0Register);
        if (size != 2)
        {
            Emit(size == 8 ? OpKind.Lea64 : OpKind.Lea32, address, destination, 0);
            return;
        }

        Emit(OpKind.Lea64, address, ProcessorState.TempOffset, 0);
        Emit(OpKind.Mov16, destination, ProcessorState.TempOffset);
    }

    private void Alu(in Instruction instruction, int size)
    {
        if (instruction.HasLockPrefix)
        {
            Atomic(OpKind.LockedAlu, instruction, size, Source(instruction, 1));
            return;
        }

        var carry = instruction.Mnemonic is Mnemonic.Adc or Mnemonic.Sbb;
        var destination = OpenDestination(instruction, size, out var address);
        var source = Source(instruction, 1);
        if (carry || size < 4)
        {
            EmitCoded(carry ? OpKind.AluCarry : OpKind.AluSmall, instruction.Mnemonic, size, destination, source);
            _flagsAreOfSub = !carry && instruction.Mnemonic != Mnemonic.Add;
        }
        else
        {
            var kind = instruction.Mnemonic switch
            {
                Mnemonic.Add => OpKind.Add32F,
                Mnemonic.Sub => OpKind.Sub32F,
                Mnemonic.And => OpKind.And32F,
                Mnemonic.Or => OpKind.Or32F,
                _ => OpKind.Xor32F,
            };
            Emit(size == 8 ? kind + 2 : kind, destination, source);
        }

        CloseDestination(instruction, size, address);
    }

    private void Unary(in Instruction instruction, int size)
    {
        if (instruction.HasLockPrefix)
        {
            Atomic(OpKind.LockedUnary, instruction, size, 0);
            return;
        }

        var destination = OpenDestination(instruction, size, out var address);
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Inc or Mnemonic.Dec:
                _immediate = instruction.Mnemonic == Mnemonic.Inc ? 1 : -1;
                EmitCoded(OpKind.IncDec, instruction.Mnemonic, size, destination, ImmediateSource);
                break;
            case Mnemonic.Neg when size >= 4:
                Emit(size == 8 ? OpKind.Neg64F : OpKind.Neg32F, destination, 0);
                break;
            case Mnemonic.Not when size >= 4:
                Emit(size == 8 ? OpKind.Not64 : OpKind.Not32, destination, 0);
                break;
            default:
                EmitCoded(instruction.Mnemonic == Mnemonic.Neg ? OpKind.NegSmall : OpKind.Not, instruction.Mnemonic, size, destination, 0);
                break;
        }

        CloseDestination(instruction, size, address);
    }

    private void Shift(in Instruction instruction, int size)
    {
        var destination = OpenDestination(instruction, size, out var address);
        var source = Source(instruction, 1);
        if (source == ImmediateSource)
            _immediate &= size == 8 ? 63 : 31;
        if (size < 4)
        {
            EmitCoded(OpKind.ShiftSmall, instruction.Mnemonic, size, destination, source);
        }
        else if (source == ImmediateSource && _immediate == 0)
        {
            // Leaves flags alone; a 32-bit register still loses its upper half.
            Emit(Move(size), destination, destination);
        }
        else
        {
            var kind = instruction.Mnemonic switch
            {
                Mnemonic.Shr => OpKind.Shr32F,
                Mnemonic.Sar => OpKind.Sar32F,
                _ => OpKind.Shl32F,
            };
            Emit(size == 8 ? kind + 2 : kind, destination, source);
        }

        CloseDestination(instruction, size, address);
    }

    private void Multiplies(in Instruction instruction, int size)
    {
        var destination = Offset(instruction.Op0Register);
        var right = instruction.OpCount == 3 ? 2 : 1;
        var left = instruction.OpCount == 3 ? Source(instruction, 1) : destination;
        var source = Source(instruction, right);
        var op = size >= 4
            ? Emit(size == 8 ? OpKind.Imul64F : OpKind.Imul32F, destination, source)
            : EmitCoded(OpKind.AluSmall, Mnemonic.Imul, size, destination, source);
        op->Base = (ushort)left;
    }

    private void Bits(in Instruction instruction, int size)
    {
        var source = Source(instruction, 1);
        if (source == ImmediateSource)
            _immediate &= (size * 8) - 1;
        if (IsMemory(instruction, 0))
            Atomic(OpKind.BitMemory, instruction, size, source);
        else
            EmitCoded(OpKind.Bit, instruction.Mnemonic, size, Offset(instruction.Op0Register), source);
    }

    private void Exchange(OpKind registers, OpKind memory, in Instruction instruction, int size)
    {
        var source = Offset(instruction.Op1Register);
        if (IsMemory(instruction, 0))
            Atomic(memory, instruction, size, source);
        else
            EmitCoded(registers, instruction.Mnemonic, size, Offset(instruction.Op0Register), source);
    }

    /// <summary>An operation that finds its address ready made, because it has a code and a size.</summary>
    private void Atomic(OpKind kind, in Instruction instruction, int size, int source)
    {
        Emit(OpKind.Lea64, AddressOf(instruction), ProcessorState.AddressOffset, 0);
        EmitCoded(kind, instruction.Mnemonic, size, 0, source);
    }
}
