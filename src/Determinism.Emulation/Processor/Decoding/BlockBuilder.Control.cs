using Iced.Intel;

namespace Determinism.Emulation;

internal sealed unsafe partial class BlockBuilder
{
    /// <summary>Places of the conditions O NO B AE E NE BE A S NS P NP L GE LE G among the specialised ones; -1 if not there.</summary>
    private static ReadOnlySpan<sbyte> Places => [-1, -1, 0, 1, 2, 3, 4, 5, 6, 7, -1, -1, 8, 9, 10, 11];

    /// <summary>The same for branches fused with a test, which never has carry or overflow.</summary>
    private static ReadOnlySpan<sbyte> TestPlaces => [-1, -1, -1, -1, 0, 1, 0, 1, 2, 3, -1, -1, 2, 3, 4, 5];

    private bool TryTranslateControl(ref Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Nop or Mnemonic.Endbr64 or Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1
                or Mnemonic.Prefetcht2 or Mnemonic.Prefetchw:
                Emit(OpKind.Nop);
                return true;
            case Mnemonic.Pause:
                Emit(OpKind.Pause);
                return true;
            case Mnemonic.Mfence or Mnemonic.Lfence or Mnemonic.Sfence:
                EmitCoded(OpKind.Fence, instruction.Mnemonic, 0, 0, 0);
                return true;
            case Mnemonic.Push when IsWide(instruction):
                Emit(OpKind.Push64, 0, Source(instruction, 0));
                return true;
            case Mnemonic.Pop when IsWide(instruction):
                Pop(instruction);
                return true;
            case Mnemonic.Leave when instruction.Code == Code.Leaveq:
                Emit(OpKind.Leave);
                return true;
            case Mnemonic.Jmp when instruction.Op0Kind == Iced.Intel.OpKind.NearBranch64:
                EmitJump(OpKind.Jump, instruction.NearBranchTarget, instruction.NextIP);
                return true;
            case Mnemonic.Call when instruction.Op0Kind == Iced.Intel.OpKind.NearBranch64:
                EmitJump(OpKind.Call, instruction.NearBranchTarget, instruction.NextIP);
                return true;
            case Mnemonic.Jmp when instruction.Code == Code.Jmp_rm64:
                EmitIndirect(OpKind.JumpIndirect, instruction);
                return true;
            case Mnemonic.Call when instruction.Code == Code.Call_rm64:
                EmitIndirect(OpKind.CallIndirect, instruction);
                return true;
            case Mnemonic.Ret when instruction.Code is Code.Retnq or Code.Retnq_imm16:
                Emit(OpKind.Ret)->Immediate = instruction.OpCount == 0 ? 0 : instruction.Immediate16;
                _ended = true;
                return true;
            case Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne or Mnemonic.Jrcxz or Mnemonic.Jecxz:
                Loop(instruction);
                return true;
            case Mnemonic.Out when instruction.Code == Code.Out_imm8_AL:
                Emit(OpKind.PortOut)->Immediate = instruction.Immediate8;
                EmitLinks(instruction.NextIP, instruction.NextIP);
                _ended = true;
                return true;
            default:
                return TryTranslateConditional(instruction);
        }
    }

    private static bool IsWide(in Instruction instruction) => instruction.Op0Kind switch
    {
        Iced.Intel.OpKind.Register => instruction.Op0Register.IsGPR64(),
        Iced.Intel.OpKind.Memory => instruction.MemorySize.GetSize() == 8,
        Iced.Intel.OpKind.Immediate8to64 or Iced.Intel.OpKind.Immediate32to64 => true,
        _ => false,
    };

    private void Pop(in Instruction instruction)
    {
        if (!IsMemory(instruction, 0))
        {
            Emit(OpKind.Pop64, Offset(instruction.Op0Register), 0);
            return;
        }

        // The address is computed after RSP has been incremented.
        var address = AddressOf(instruction);
        if (instruction.MemoryBase == Register.RSP)
            address = address with { Displacement = address.Displacement + 8 };
        Emit(OpKind.Lea64, address, ProcessorState.AddressOffset, 0);
        Emit(OpKind.PopMemory);
    }

    private void EmitIndirect(OpKind kind, in Instruction instruction)
    {
        Emit(kind, 0, Source(instruction, 0));
        EmitLinks(0, instruction.NextIP);
        _ended = true;
    }

    private void EmitSideExit(MicroOp* op, ulong taken, ulong next, int retired)
    {
        // Turned into the number of instructions not executed when the block's length is known.
        op->Scale = (byte)retired;
        EmitLinks(taken, next);
    }

    private void Loop(in Instruction instruction)
    {
        var wide = instruction.Code is Code.Jrcxz_rel8_64 or Code.Loop_rel8_64_RCX or Code.Loope_rel8_64_RCX or Code.Loopne_rel8_64_RCX;
        var op = EmitCoded(OpKind.Loop, instruction.Mnemonic, wide ? 8 : 4, 0, 0);
        EmitSideExit(op, instruction.NearBranchTarget, instruction.NextIP, _ordinal + 1);
    }

    private bool TryTranslateConditional(in Instruction instruction)
    {
        if (instruction.ConditionCode == ConditionCode.None)
            return false;
        var condition = instruction.ConditionCode - ConditionCode.o;
        var place = _flagsAreOfSub ? Places[condition] : -1;
        if (instruction.IsJccShortOrNear && instruction.Op0Kind == Iced.Intel.OpKind.NearBranch64)
        {
            EmitSideExit(Branch(condition, place), instruction.NearBranchTarget, instruction.NextIP, _ordinal + 1);
            return true;
        }

        var size = OperandSize(instruction, 0);
        if (instruction.OpCount == 1 && size == 1)
        {
            Set(instruction, condition, place);
            return true;
        }

        if (instruction.OpCount != 2 || !instruction.Op0Register.IsGPR())
            return false;
        var source = Source(instruction, 1);
        var destination = Offset(instruction.Op0Register);
        if (place >= 0 && size >= 4)
            Emit((size == 8 ? OpKind.Cmov64Sub : OpKind.Cmov32Sub).Plus(place), destination, source);
        else
            EmitCoded(OpKind.Cmov, (Mnemonic)condition, size, destination, source);
        return true;
    }

    private MicroOp* Branch(int condition, int place)
    {
        if (place < 0)
            return EmitCoded(OpKind.Jcc, (Mnemonic)condition, 0, 0, 0);
        if (!_single && _opCount > 0)
        {
            var last = _ops + _slots[_opCount - 1];
            var fused = last->Kind switch
            {
                OpKind.Cmp32 => OpKind.JccCmp32.Plus(place),
                OpKind.Cmp64 => OpKind.JccCmp64.Plus(place),
                OpKind.Test32 when TestPlaces[condition] >= 0 => OpKind.JccTest32.Plus(TestPlaces[condition]),
                OpKind.Test64 when TestPlaces[condition] >= 0 => OpKind.JccTest64.Plus(TestPlaces[condition]),
                _ => OpKind.Nop,
            };
            if (fused != OpKind.Nop)
            {
                last->Kind = fused;
                return last;
            }
        }

        return Emit(OpKind.JccSub.Plus(place));
    }

    private void Set(in Instruction instruction, int condition, int place)
    {
        var toMemory = IsMemory(instruction, 0);
        var address = toMemory ? AddressOf(instruction) : default;
        var destination = toMemory ? ProcessorState.TempOffset : Offset(instruction.Op0Register);
        if (place >= 0)
            Emit(OpKind.SetccSub.Plus(place), destination, 0);
        else
            EmitCoded(OpKind.Setcc, (Mnemonic)condition, 1, destination, 0);
        if (toMemory)
            Emit(OpKind.Store8, address, 0, ProcessorState.TempOffset);
    }

    /// <summary>INC R15; CMP R15, GS:[8]; JAE: the guest's poll, one operation.</summary>
    private bool TryFusePoll(ref Instruction instruction)
    {
        if (instruction.Code != Code.Inc_rm64 || instruction.Op0Register != Register.R15)
            return false;
        var end = (instruction.IP | ((1UL << _processor.GranuleShift) - 1)) + 1;
        if (!TryReadNext(instruction.NextIP, out var compare, out _) || !TryReadNext(compare.NextIP, out var branch, out _)
            || branch.NextIP > end)
            return false;
        if (compare.Code != Code.Cmp_r64_rm64 || compare.Op0Register != Register.R15 || compare.Op1Kind != Iced.Intel.OpKind.Memory
            || compare.MemorySegment != Register.GS || compare.MemoryBase != Register.None
            || compare.MemoryIndex != Register.None || compare.MemoryDisplacement64 != 8)
            return false;
        if (branch.ConditionCode != ConditionCode.ae || !branch.IsJccShortOrNear
            || branch.Op0Kind != Iced.Intel.OpKind.NearBranch64 || _ordinal + 3 > MostInstructions)
            return false;
        EmitSideExit(Emit(OpKind.Poll), branch.NearBranchTarget, branch.NextIP, _ordinal + 3);
        _ordinal += 2;
        instruction = branch;
        return true;
    }

    private bool TryTranslateString(in Instruction instruction)
    {
        var size = instruction.Mnemonic switch
        {
            Mnemonic.Movsb or Mnemonic.Stosb or Mnemonic.Lodsb or Mnemonic.Cmpsb or Mnemonic.Scasb => 1,
            Mnemonic.Movsw or Mnemonic.Stosw or Mnemonic.Lodsw or Mnemonic.Cmpsw or Mnemonic.Scasw => 2,
            Mnemonic.Movsd or Mnemonic.Stosd or Mnemonic.Lodsd or Mnemonic.Cmpsd or Mnemonic.Scasd => 4,
            Mnemonic.Movsq or Mnemonic.Stosq or Mnemonic.Lodsq or Mnemonic.Cmpsq or Mnemonic.Scasq => 8,
            _ => 0,
        };
        var narrow = false;
        for (var operand = 0; operand < instruction.OpCount; operand++)
        {
            narrow |= instruction.GetOpKind(operand) is Iced.Intel.OpKind.MemorySegESI or Iced.Intel.OpKind.MemoryESEDI;
        }

        // GCC makes no string instruction with 32-bit addresses or a segment, so none is taken on.
        if (size == 0 || narrow || instruction.SegmentPrefix is Register.FS or Register.GS)
            return false;
        if (!instruction.HasRepPrefix && !instruction.HasRepnePrefix)
        {
            EmitCoded(OpKind.StringOnce, instruction.Mnemonic, size, 0, 0);
            return true;
        }

        EmitCoded(OpKind.StringRepeated, instruction.Mnemonic, size, 0, 0)->Immediate = instruction.HasRepnePrefix ? 1 : 0;
        EmitLinks(instruction.NextIP, instruction.NextIP);
        _ended = true;
        // Iterations are counted as they happen.
        _counts = false;
        return true;
    }
}
