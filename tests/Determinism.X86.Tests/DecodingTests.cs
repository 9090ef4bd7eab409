using Iced.Intel;
using static Determinism.X86.Tests.GuestProgram;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.X86.Tests;

/// <summary>Code that cannot be decoded or followed.</summary>
public class DecodingTests
{
    [Fact]
    public void The_smallest_program_is_accepted()
    {
        GuestCodeReport report = Check(code => code.Exit());
        Assert.True(report.IsAccepted);
        Assert.Equal((1, 0), (report.InstructionCount, report.PollCount));
    }

    [Fact]
    public void Bytes_that_are_no_instruction_are_refused()
    {
        // 06 was PUSH ES outside of long mode.
        GuestCodeReport report = GuestCodeCheck.Check(Of([0x90, 0x06, 0xE6, 0x11]), GuestCodeRules.Instructions);
        CodeRefusal refusal = AssertRefused(report, CodeRefusalKind.Undecodable, 1);
        Assert.Equal("0x400001: 06E611: is no instruction", refusal.ToString());
        Assert.Empty(GuestCodeCheck.Check(Of([0x90, 0x90, 0xE6, 0x11]), GuestCodeRules.Instructions).Refusals);
    }

    [Fact]
    public void Bytes_that_nothing_leads_to_may_be_anything() =>
        Assert.Empty(GuestCodeCheck.Check(Of([0xE6, 0x11, 0x06]), GuestCodeRules.SoftwareCounter).Refusals);

    [Fact]
    public void An_instruction_that_the_end_of_the_code_cuts_off_is_refused()
    {
        CodeRefusal refusal = AssertRefused(
            GuestCodeCheck.Check(Of([0xE6]), GuestCodeRules.SoftwareCounter), CodeRefusalKind.Undecodable, 0);
        Assert.Contains("cut off", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_that_runs_off_the_end_is_refused()
    {
        AssertRefused(code => code.nop(), CodeRefusalKind.LeavesCode, 0);
        AssertAccepted(code =>
        {
            code.nop();
            code.ret();
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_branch_out_of_the_code_is_refused(bool calls)
    {
        CodeRefusal refusal = AssertRefused(code =>
        {
            if (calls)
                code.call(Base + 0x1000);
            else
                code.jmp(Base + 0x1000);
            code.Exit();
        }, CodeRefusalKind.LeavesCode, 0);
        Assert.Contains("0x401000", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_in_a_second_region_can_be_reached()
    {
        GuestCode near = Assemble(code => code.jmp(Base + 0x1000));
        var far = new CodeRegion(Base + 0x1000, new byte[] { 0xE6, 0x11 });
        GuestCodeReport report = GuestCodeCheck.Check(
            near with { Regions = [far, .. near.Regions] }, GuestCodeRules.SoftwareCounter);
        Assert.Empty(report.Refusals);
        Assert.Equal(2, report.InstructionCount);
    }

    [Fact]
    public void An_entry_outside_of_the_code_is_refused()
    {
        GuestCode code = Assemble(code => code.Exit()) with { Entries = [Base, Base + 2] };
        AssertRefused(GuestCodeCheck.Check(code, GuestCodeRules.SoftwareCounter), CodeRefusalKind.LeavesCode, 2);
        AssertRefused(GuestCodeCheck.Check(code, GuestCodeRules.Instructions), CodeRefusalKind.LeavesCode, 2);
    }

    [Fact]
    public void A_jump_into_the_middle_of_an_instruction_is_refused()
    {
        // The immediate of the move is CPUID, which the jump would reach.
        Action<Assembler> write(ulong target) => code =>
        {
            code.mov(eax, 0x9090A20F);
            code.test(edi, edi);
            code.je(Base + target);
            code.Exit();
        };
        CodeRefusal refusal = AssertRefused(write(1), CodeRefusalKind.Overlap, 7);
        Assert.Contains("0x400000: mov eax,9090A20Fh", refusal.Reason, StringComparison.Ordinal);
        AssertAccepted(write(9));
    }

    [Fact]
    public void Without_polls_a_jump_into_the_middle_is_followed_and_checked()
    {
        CodeRefusal refusal = AssertRefused(Check(code =>
        {
            code.mov(eax, 0x11E6A20F);
            code.jmp(Base + 1);
        }, GuestCodeRules.Instructions), CodeRefusalKind.NotAllowed, 1);
        Assert.Equal("cpuid", refusal.Instruction);
    }

    [Fact]
    public void An_instruction_that_runs_into_another_is_refused()
    {
        // From 1 a move of five bytes; from 3, which is decoded first, a NOP.
        byte[] bytes = [0x90, 0xB8, 0x90, 0x90, 0xE6, 0x11, 0xE6, 0x11];
        GuestCode code = Of(bytes) with { Entries = [Base + 1, Base + 3] };
        AssertRefused(GuestCodeCheck.Check(code, GuestCodeRules.SoftwareCounter), CodeRefusalKind.Overlap, 1);
        Assert.Empty(GuestCodeCheck.Check(code with { Entries = [Base + 1] }, GuestCodeRules.SoftwareCounter).Refusals);
    }

    [Fact]
    public void An_indirect_jump_is_refused_with_any_clock()
    {
        Action<Assembler> jump = code => code.jmp(rax);
        AssertRefused(jump, CodeRefusalKind.IndirectJump, 0);
        AssertRefused(Check(jump, GuestCodeRules.Instructions), CodeRefusalKind.IndirectJump, 0);
        AssertRefused(code => code.jmp(__qword_ptr[rdi]), CodeRefusalKind.IndirectJump, 0);
        AssertAccepted(code =>
        {
            Action trap = code.Poll();
            code.call(rax);
            code.ret();
            trap();
        });
    }

    [Fact]
    public void Code_whose_address_is_an_immediate_is_checked() => AssertHeldAddressIsChecked(
        code => code.mov(edi, (uint)Base + 16), code => code.mov(rdi, Base + 16), code => code.push((int)Base + 16),
        code => code.mov(__qword_ptr[rdi], (int)Base + 16));

    [Fact]
    public void Code_whose_address_is_computed_by_LEA_is_checked() => AssertHeldAddressIsChecked(
        code => code.lea(rdi, __[Base + 16]), code => code.db(0x48, 0x8D, 0x3D, 16 - 7, 0, 0, 0));

    [Fact]
    public void Code_whose_address_is_in_data_is_checked()
    {
        byte[] bytes = [0xE6, 0x11, 0x0F, 0x31, 0xC3];
        Assert.Empty(GuestCodeCheck.Check(Of(bytes, Base - 1, Base + 5, 0), GuestCodeRules.SoftwareCounter).Refusals);
        CodeRefusal refusal = AssertRefused(
            GuestCodeCheck.Check(Of(bytes, Base + 2), GuestCodeRules.SoftwareCounter), CodeRefusalKind.NotAllowed, 2);
        Assert.Equal("rdtsc", refusal.Instruction);
    }

    [Fact]
    public void An_address_that_points_into_an_instruction_is_refused()
    {
        byte[] bytes = [0xB8, 0x01, 0x00, 0x40, 0x00, 0xE6, 0x11];
        GuestCodeReport report = GuestCodeCheck.Check(Of(bytes), GuestCodeRules.SoftwareCounter);
        Assert.Contains("holds the address 0x400001, inside",
            AssertRefused(report, CodeRefusalKind.Overlap, 0).Reason, StringComparison.Ordinal);
        report = GuestCodeCheck.Check(Of([0xB8, 0, 0, 0, 0, 0xE6, 0x11], Base + 1), GuestCodeRules.SoftwareCounter);
        Assert.Equal("data word", AssertRefused(report, CodeRefusalKind.Overlap, 1).Instruction);
    }

    [Fact]
    public void Refusals_come_in_the_order_of_addresses()
    {
        GuestCodeReport report = Check(code =>
        {
            code.rdtsc();
            code.std();
            code.cpuid();
            code.jmp(rax);
        });
        Assert.Equal([Base, Base + 2, Base + 3, Base + 5], report.Refusals.Select(refusal => refusal.Address));
    }

    [Fact]
    public void Wrong_arguments_are_errors_of_the_caller()
    {
        GuestCode code = Of([0xE6, 0x11]);
        Assert.Throws<ArgumentNullException>(() => GuestCodeCheck.Check(null!, GuestCodeRules.Instructions));
        Assert.Throws<ArgumentOutOfRangeException>(() => GuestCodeCheck.Check(code, (GuestCodeRules)7));
        CodeRegion region = code.Regions[0];
        Assert.Throws<ArgumentException>(() => GuestCodeCheck.Check(
            code with { Regions = [region, region with { Address = Base + 1 }] }, GuestCodeRules.Instructions));
        Assert.Throws<ArgumentException>(() => GuestCodeCheck.Check(
            code with { Regions = [region with { Address = ulong.MaxValue }] }, GuestCodeRules.Instructions));
    }

    private static void AssertHeldAddressIsChecked(params Action<Assembler>[] holders)
    {
        foreach (Action<Assembler> hold in holders)
        {
            GuestCode code = Assemble(code =>
            {
                hold(code);
                code.Exit();
            });
            byte[] bytes = new byte[20];
            code.Regions[0].Bytes.CopyTo(bytes);
            new byte[] { 0x0F, 0x31, 0xC3 }.CopyTo(bytes, 16);
            CodeRefusal refusal = AssertRefused(
                GuestCodeCheck.Check(Of(bytes), GuestCodeRules.Instructions), CodeRefusalKind.NotAllowed, 16);
            Assert.Equal("rdtsc", refusal.Instruction);
            bytes[16] = bytes[17] = 0x90;
            Assert.Empty(GuestCodeCheck.Check(Of(bytes), GuestCodeRules.SoftwareCounter).Refusals);
        }
    }
}
