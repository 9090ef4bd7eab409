using Iced.Intel;

namespace Determinism.Emulation;

internal sealed unsafe partial class BlockBuilder
{
    private bool TryTranslateSse(in Instruction instruction) =>
        TryTranslateSseMove(instruction) || TryTranslateScalar(instruction) || TryTranslatePacked(instruction);

    private bool TryTranslateSseMove(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Movaps or Mnemonic.Movapd or Mnemonic.Movdqa or Mnemonic.Movntps or Mnemonic.Movntpd or Mnemonic.Movntdq:
                SseMove(instruction, OpKind.LoadX128Aligned, OpKind.StoreX128Aligned, OpKind.MovX128);
                return true;
            case Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu:
                SseMove(instruction, OpKind.LoadX128, OpKind.StoreX128, OpKind.MovX128);
                return true;
            case Mnemonic.Movsd:
                SseMove(instruction, OpKind.LoadX64, OpKind.Store64, OpKind.Mov64);
                return true;
            case Mnemonic.Movss when IsMemory(instruction, 0) || IsMemory(instruction, 1):
                SseMove(instruction, OpKind.LoadX32, OpKind.Store32, OpKind.Nop);
                return true;
            case Mnemonic.Movss:
                Scalar(OpKind.ScalarSse, instruction, 4);
                return true;
            case Mnemonic.Movq:
                SseMove(instruction, OpKind.LoadX64, OpKind.Store64, instruction.Op0Register.IsXMM() ? OpKind.MovX64 : OpKind.Mov64);
                return true;
            case Mnemonic.Movd when instruction.Op0Kind == Iced.Intel.OpKind.Register && instruction.Op0Register.IsXMM()
                && !IsMemory(instruction, 1):
                Emit(OpKind.Mov32, ProcessorState.TempOffset, Offset(instruction.Op1Register));
                Emit(OpKind.MovX64, Offset(instruction.Op0Register), ProcessorState.TempOffset);
                return true;
            case Mnemonic.Movd:
                SseMove(instruction, OpKind.LoadX32, OpKind.Store32, OpKind.Mov32);
                return true;
            case Mnemonic.Movnti:
                Moves(instruction, instruction.MemorySize.GetSize());
                return true;
            case Mnemonic.Movlps or Mnemonic.Movlpd:
                HalfMove(instruction, 0);
                return true;
            case Mnemonic.Movhps or Mnemonic.Movhpd:
                HalfMove(instruction, 8);
                return true;
            case Mnemonic.Movhlps:
                Emit(OpKind.Mov64, Offset(instruction.Op0Register), Offset(instruction.Op1Register) + 8);
                return true;
            case Mnemonic.Movlhps:
                Emit(OpKind.Mov64, Offset(instruction.Op0Register) + 8, Offset(instruction.Op1Register));
                return true;
            case Mnemonic.Unpcklpd or Mnemonic.Punpcklqdq:
            {
                var source = PackedSource(instruction, 1);
                Emit(OpKind.Mov64, Offset(instruction.Op0Register) + 8, source);
                return true;
            }
            case Mnemonic.Unpckhpd or Mnemonic.Punpckhqdq:
            {
                var source = PackedSource(instruction, 1);
                var destination = Offset(instruction.Op0Register);
                Emit(OpKind.Mov64, destination, destination + 8);
                Emit(OpKind.Mov64, destination + 8, source + 8);
                return true;
            }
            default:
                return false;
        }
    }

    private void SseMove(in Instruction instruction, OpKind load, OpKind store, OpKind move)
    {
        if (IsMemory(instruction, 0))
            Emit(store, AddressOf(instruction), 0, Offset(instruction.Op1Register));
        else if (IsMemory(instruction, 1))
            Emit(load, AddressOf(instruction), Offset(instruction.Op0Register), 0);
        else
            Emit(move, Offset(instruction.Op0Register), Offset(instruction.Op1Register));
    }

    private void HalfMove(in Instruction instruction, int half)
    {
        if (IsMemory(instruction, 0))
            Emit(OpKind.Store64, AddressOf(instruction), 0, Offset(instruction.Op1Register) + half);
        else
            Emit(OpKind.Load64, AddressOf(instruction), Offset(instruction.Op0Register) + half, 0);
    }

    private bool TryTranslateScalar(in Instruction instruction)
    {
        var kind = instruction.Mnemonic switch
        {
            Mnemonic.Addsd => OpKind.AddSd,
            Mnemonic.Subsd => OpKind.SubSd,
            Mnemonic.Mulsd => OpKind.MulSd,
            Mnemonic.Divsd => OpKind.DivSd,
            Mnemonic.Addss => OpKind.AddSs,
            Mnemonic.Subss => OpKind.SubSs,
            Mnemonic.Mulss => OpKind.MulSs,
            Mnemonic.Divss => OpKind.DivSs,
            Mnemonic.Ucomisd or Mnemonic.Comisd => OpKind.Ucomisd,
            Mnemonic.Ucomiss or Mnemonic.Comiss => OpKind.Ucomiss,
            Mnemonic.Cvtss2sd => OpKind.Cvtss2Sd,
            Mnemonic.Cvtsd2ss => OpKind.Cvtsd2Ss,
            Mnemonic.Cvtsi2sd => OperandSize(instruction, 1) == 8 ? OpKind.Cvtsi2Sd64 : OpKind.Cvtsi2Sd32,
            Mnemonic.Cvttsd2si => OperandSize(instruction, 0) == 8 ? OpKind.Cvttsd2Si64 : OpKind.Cvttsd2Si32,
            _ => OpKind.Nop,
        };
        if (kind != OpKind.Nop)
        {
            var source = Source(instruction, 1);
            Emit(kind, Offset(instruction.Op0Register), source);
            return true;
        }

        switch (instruction.Mnemonic)
        {
            case Mnemonic.Sqrtsd or Mnemonic.Minsd or Mnemonic.Maxsd or Mnemonic.Cmpsd:
                Scalar(OpKind.ScalarSse, instruction, 8);
                return true;
            case Mnemonic.Sqrtss or Mnemonic.Minss or Mnemonic.Maxss or Mnemonic.Cmpss:
                Scalar(OpKind.ScalarSse, instruction, 4);
                return true;
            case Mnemonic.Cvtsi2ss:
                Scalar(OpKind.ConvertSse, instruction, OperandSize(instruction, 1));
                return true;
            case Mnemonic.Cvtsd2si or Mnemonic.Cvtss2si or Mnemonic.Cvttss2si:
                Scalar(OpKind.ConvertSse, instruction, OperandSize(instruction, 0));
                return true;
            default:
                return false;
        }
    }

    private void Scalar(OpKind kind, in Instruction instruction, int size)
    {
        var source = Source(instruction, 1);
        var op = EmitCoded(kind, instruction.Mnemonic, size, Offset(instruction.Op0Register), source);
        if (instruction.OpCount == 3)
            op->Immediate = instruction.Immediate8;
    }

    private bool TryTranslatePacked(in Instruction instruction)
    {
        if (instruction.Op0Kind != Iced.Intel.OpKind.Register)
            return false;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Pxor or Mnemonic.Xorps or Mnemonic.Xorpd:
                Packed(OpKind.XorX, instruction);
                return true;
            case Mnemonic.Pand or Mnemonic.Andps or Mnemonic.Andpd:
                Packed(OpKind.AndX, instruction);
                return true;
            case Mnemonic.Pandn or Mnemonic.Andnps or Mnemonic.Andnpd:
                Packed(OpKind.AndnX, instruction);
                return true;
            case Mnemonic.Por or Mnemonic.Orps or Mnemonic.Orpd:
                Packed(OpKind.OrX, instruction);
                return true;
            case Mnemonic.Cvtdq2pd or Mnemonic.Cvtps2pd or Mnemonic.Cvtpd2ps or Mnemonic.Cvtdq2ps or Mnemonic.Cvttps2dq
                or Mnemonic.Cvtps2dq or Mnemonic.Cvttpd2dq or Mnemonic.Cvtpd2dq:
                Packed(OpKind.ConvertSse, instruction);
                return true;
            case Mnemonic.Addpd or Mnemonic.Subpd or Mnemonic.Mulpd or Mnemonic.Divpd or Mnemonic.Sqrtpd or Mnemonic.Minpd
                or Mnemonic.Maxpd or Mnemonic.Cmppd or Mnemonic.Addps or Mnemonic.Subps or Mnemonic.Mulps or Mnemonic.Divps
                or Mnemonic.Sqrtps or Mnemonic.Minps or Mnemonic.Maxps or Mnemonic.Cmpps:
                Packed(OpKind.PackedFloat, instruction);
                return true;
            case Mnemonic.Pshufd or Mnemonic.Pshuflw or Mnemonic.Pshufhw or Mnemonic.Shufps or Mnemonic.Shufpd or Mnemonic.Unpcklps
                or Mnemonic.Unpckhps or Mnemonic.Punpcklbw or Mnemonic.Punpckhbw or Mnemonic.Punpcklwd or Mnemonic.Punpckhwd
                or Mnemonic.Punpckldq or Mnemonic.Punpckhdq or Mnemonic.Packsswb or Mnemonic.Packssdw or Mnemonic.Packuswb
                or Mnemonic.Pinsrw or Mnemonic.Pextrw:
                Packed(OpKind.Shuffle, instruction);
                return true;
            case Mnemonic.Pmovmskb or Mnemonic.Movmskps or Mnemonic.Movmskpd:
                Packed(OpKind.ExtractMask, instruction);
                return true;
            case Mnemonic.Psllw or Mnemonic.Pslld or Mnemonic.Psllq or Mnemonic.Psrlw or Mnemonic.Psrld or Mnemonic.Psrlq
                or Mnemonic.Psraw or Mnemonic.Psrad or Mnemonic.Pslldq or Mnemonic.Psrldq:
                Packed(OpKind.PackedShift, instruction);
                return true;
            case Mnemonic.Paddb or Mnemonic.Paddw or Mnemonic.Paddd or Mnemonic.Paddq or Mnemonic.Psubb or Mnemonic.Psubw
                or Mnemonic.Psubd or Mnemonic.Psubq or Mnemonic.Pcmpeqb or Mnemonic.Pcmpeqw or Mnemonic.Pcmpeqd
                or Mnemonic.Pcmpgtb or Mnemonic.Pcmpgtw or Mnemonic.Pcmpgtd or Mnemonic.Pmuludq or Mnemonic.Pmullw
                or Mnemonic.Pmulhw or Mnemonic.Pmulhuw or Mnemonic.Pmaddwd or Mnemonic.Pminub or Mnemonic.Pmaxub
                or Mnemonic.Pminsw or Mnemonic.Pmaxsw or Mnemonic.Pavgb or Mnemonic.Pavgw or Mnemonic.Psadbw
                or Mnemonic.Paddsb or Mnemonic.Paddsw or Mnemonic.Paddusb or Mnemonic.Paddusw or Mnemonic.Psubsb
                or Mnemonic.Psubsw or Mnemonic.Psubusb or Mnemonic.Psubusw:
                Packed(OpKind.PackedInteger, instruction);
                return true;
            default:
                return false;
        }
    }

    private void Packed(OpKind kind, in Instruction instruction)
    {
        var source = PackedSource(instruction, 1);
        var size = kind == OpKind.ExtractMask || instruction.Mnemonic == Mnemonic.Pextrw ? 4 : 16;
        var op = EmitCoded(kind, instruction.Mnemonic, size, Offset(instruction.Op0Register), source);
        if (instruction.OpCount == 3)
            op->Immediate = instruction.Immediate8;
        op->Index = source == ImmediateSource ? (ushort)1 : (ushort)0;
    }
}
