using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>Units with control flow: branches taken or not, calls, short loops, the guest ABI's poll, code that changes itself.</summary>
internal sealed class BranchUnits(ulong middle, Pcg random)
{
    private static readonly Code[] _conditional = Enum.GetValues<Code>()
        .Where(c => c.ToString().StartsWith('J') && c.IsJccShortOrNear() && c.ToString().EndsWith("_64", StringComparison.Ordinal)).ToArray();

    private static readonly Code[] _counted =
        [Code.Loop_rel8_64_RCX, Code.Loope_rel8_64_RCX, Code.Loopne_rel8_64_RCX, Code.Jrcxz_rel8_64, Code.Jecxz_rel8_64];

    public Unit Create(out Constraints constraints)
    {
        constraints = new Constraints();
        return random.Below(13) switch
        {
            0 or 1 or 2 => Conditional(),
            3 or 4 => CompareAndBranch(),
            5 => Jump(),
            6 => JumpThroughMemory(),
            7 or 8 => Call(constraints),
            9 => Counted(constraints),
            10 => Loop(constraints),
            11 => SelfModification(),
            _ => Poll(),
        };
    }

    private Unit Conditional() => Of(0, Branch(random.Pick<Code>(_conditional), 2), Neutral());

    private Unit CompareAndBranch()
    {
        var wide = random.OneIn(2);
        var first = wide ? Any64() : Any32();
        var second = random.OneIn(3) ? first : wide ? Any64() : Any32();
        var test = random.OneIn(2);
        var immediate = random.Between(-2, 2);
        var compare = (wide, test, random.OneIn(3)) switch
        {
            (true, false, false) => Instruction.Create(Code.Cmp_rm64_r64, first, second),
            (true, true, false) => Instruction.Create(Code.Test_rm64_r64, first, second),
            (false, false, false) => Instruction.Create(Code.Cmp_rm32_r32, first, second),
            (false, true, false) => Instruction.Create(Code.Test_rm32_r32, first, second),
            (true, false, true) => Instruction.Create(Code.Cmp_rm64_imm8, first, immediate),
            (true, true, true) => Instruction.Create(Code.Test_rm64_imm32, first, immediate),
            (false, false, true) => Instruction.Create(Code.Cmp_rm32_imm8, first, immediate),
            (false, true, true) => Instruction.Create(Code.Test_rm32_imm32, first, immediate),
        };
        return Of(1, compare, Branch(random.Pick<Code>(_conditional), 3), Neutral());
    }

    private Unit Jump()
    {
        var direct = random.Below(3);
        if (direct < 2)
            return Of(0, Branch(direct == 0 ? Code.Jmp_rel8_64 : Code.Jmp_rel32_64, 2), Neutral());
        var register = Any64();
        return Of(1, Label(register, 3), Instruction.Create(Code.Jmp_rm64, register), Neutral());
    }

    private Unit JumpThroughMemory()
    {
        var register = Any64();
        var memory = new MemoryOperand(Register.None, Register.None, 1, (long)Address(), 8);
        return Of(2, Label(register, 4), Instruction.Create(Code.Mov_rm64_r64, memory, register),
            Instruction.Create(Code.Jmp_rm64, memory), Neutral());
    }

    private Unit Call(Constraints constraints)
    {
        constraints.Set(Register.RSP, Address(), random);
        var ret = random.OneIn(3) ? Instruction.Create(Code.Retnq_imm16, 8 * random.Below(4)) : Instruction.Create(Code.Retnq);
        switch (random.Below(3))
        {
            case 0:
                return Of(0, Branch(Code.Call_rel32_64, 2), Branch(Code.Jmp_rel8_64, 4), Neutral(keep: Register.RSP), ret);
            case 1:
                var register = Other64(Register.RSP);
                return Of(1, Label(register, 3), Instruction.Create(Code.Call_rm64, register), Branch(Code.Jmp_rel8_64, 5),
                    Neutral(keep: Register.RSP), ret);
            default:
                // The target lies where the call is not going to push.
                var holder = new MemoryOperand(Register.None, Register.None, 1, (long)middle + 180, 8);
                var pointer = Other64(Register.RSP);
                return Of(2, Label(pointer, 4), Instruction.Create(Code.Mov_rm64_r64, holder, pointer),
                    Instruction.Create(Code.Call_rm64, holder), Branch(Code.Jmp_rel8_64, 6),
                    Neutral(keep: Register.RSP), ret);
        }
    }

    private Unit Counted(Constraints constraints)
    {
        var code = random.Pick<Code>(_counted);
        var count = random.OneIn(3) ? 1 : random.OneIn(2) ? Values.Integer(random) : 0;
        constraints.Set(Register.RCX, count, random);
        return Of(0, Branch(code, 2), Neutral());
    }

    private Unit Loop(Constraints constraints)
    {
        constraints.Set(Register.RCX, (ulong)random.Between(1, 6), random);
        if (random.OneIn(2))
            return Of(1, Neutral(keep: Register.RCX), Branch(random.Pick<Code>(_counted.AsSpan(0, 3)), 0));
        var target = Other64(Register.RCX);
        return Of(1, Instruction.Create(Code.Add_r64_rm64, target, Any64()), Instruction.Create(Code.Dec_rm64, Register.RCX),
            Branch(Code.Jne_rel8_64, 0));
    }

    // As in the guest ABI, but for the base register: the control page is not at the base of GS here.
    private Unit Poll()
    {
        var pointer = Other64(Register.R15);
        var limit = new MemoryOperand(pointer, Register.None, 1, 0, 0, false, Register.GS);
        return Of(3, Instruction.Create(Code.Mov_r64_imm64, pointer, Address() - Comparison.Layout.GsBase),
            Instruction.Create(Code.Inc_rm64, Register.R15),
            Instruction.Create(Code.Cmp_r64_rm64, Register.R15, limit),
            Branch(random.OneIn(2) ? Code.Jae_rel8_64 : Code.Jae_rel32_64, 5),
            Neutral());
    }

    // Stores the immediate operand of an instruction that is about to run.
    private Unit SelfModification()
    {
        var immediate = new MemoryOperand(Register.RIP, Register.None, 1, (long)Unit.LabelLimit + 3, 8);
        return Of(2, Instruction.Create(Code.Mov_rm32_imm32, immediate, random.Next()),
            random.OneIn(2) ? Neutral() : Branch(Code.Jmp_rel8_64, 2),
            Instruction.Create(Code.Add_rm64_imm32, Any64(), (int)random.Next()));
    }

    private ulong Address() => middle + (ulong)(long)(random.OneIn(3) ? random.Between(-7, 7) : random.Between(-160, 150));

    private Register Any64() => Register.RAX + random.Below(16);

    private Register Any32() => Register.EAX + random.Below(16);

    private Register Other64(Register than)
    {
        var register = Any64();
        return register == than ? Register.RDX : register;
    }

    private static Instruction Branch(Code code, int label) => Instruction.CreateBranch(code, (ulong)label);

    private static Instruction Label(Register register, int label) =>
        Instruction.Create(Code.Lea_r64_m, register, new MemoryOperand(Register.RIP, Register.None, 1, label, 8));

    // Changes a register and no flag, so that the flags are known whichever way a branch goes.
    private Instruction Neutral(Register keep = Register.None)
    {
        var register = Other64(keep);
        return random.Below(3) switch
        {
            0 => Instruction.Create(Code.Not_rm64, register),
            1 => Instruction.Create(Code.Mov_r64_rm64, register, Any64()),
            _ => Instruction.Create(Code.Lea_r64_m, register, new MemoryOperand(Any64(), Register.None, 1, random.Between(-99, 99), 1)),
        };
    }

    private static Unit Of(int subject, params Instruction[] instructions)
    {
        var flags = default(FlagEffects);
        foreach (var instruction in instructions)
            flags = flags.Then(FlagEffects.Of(instruction, null));
        return new Unit(instructions, subject, flags, -1);
    }
}
