using Iced.Intel;
using static Determinism.X86.Tests.GuestProgram;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.X86.Tests;

/// <summary>The count, the limit, and the one shape in which a poll touches them.</summary>
public class PollShapeTests
{
    [Fact]
    public void The_shape_of_the_ABI_is_a_poll() => Assert.Equal((1, 0), PollsAndRefusals(_ => { }));

    [Fact]
    public void A_count_of_32_bits_is_none() => AssertNoPoll(poll => poll.Count = code => code.inc(r15d));

    [Fact]
    public void A_count_by_ADD_is_none() => AssertNoPoll(poll => poll.Count = code => code.add(r15, 1));

    [Fact]
    public void A_comparison_with_another_word_is_none() =>
        AssertNoPoll(poll => poll.Compare = code => code.cmp(r15, __qword_ptr.gs[0]));

    [Fact]
    public void A_comparison_the_other_way_round_is_none() =>
        AssertNoPoll(poll => poll.Compare = code => code.cmp(__qword_ptr.gs[8], r15));

    [Fact]
    public void A_comparison_without_the_control_page_is_none() =>
        AssertNoPoll(poll => poll.Compare = code => code.cmp(r15, __qword_ptr[8]));

    [Fact]
    public void A_signed_branch_is_none() => AssertNoPoll(poll => poll.Branch = (code, trap) => code.jge(trap));

    [Fact]
    public void An_instruction_in_between_makes_it_none() => AssertNoPoll(poll => poll.Compare = code =>
    {
        code.nop();
        code.cmp(r15, __qword_ptr.gs[8]);
    });

    [Fact]
    public void A_trap_to_another_service_is_none() => AssertNoPoll(poll => poll.Trap = code => code.@out(0x12, al));

    [Fact]
    public void A_trap_that_does_more_is_none() => AssertNoPoll(poll => poll.Trap = code =>
    {
        code.@out(0x10, al);
        code.nop();
    });

    [Fact]
    public void A_trap_that_comes_back_elsewhere_is_none() => AssertNoPoll(poll => poll.ComesBackElsewhere = true);

    [Fact]
    public void A_trap_alone_is_refused() =>
        AssertRefused(code =>
        {
            code.@out(0x10, al);
            code.Exit();
        }, CodeRefusalKind.MalformedPoll, 0);

    [Theory]
    [InlineData(3UL)]  // its comparison
    [InlineData(12UL)] // its branch
    [InlineData(17UL)] // its trap
    [InlineData(19UL)] // its way back
    public void A_jump_into_a_poll_is_refused(ulong offset)
    {
        Action<Assembler> write(ulong target) => code =>
        {
            Action trap = code.Poll();       // 0: inc, 3: cmp, 12: jae, 14: nop
            code.Exit();                     // 15
            trap();                          // 17: out, 19: jmp
            code.je(Base + target);          // 21
            code.Exit();
        };
        GuestCode code = Assemble(write(offset));
        CodeRefusal refusal = AssertRefused(GuestCodeCheck.Check(code with { Entries = [Base, Base + 21] },
            GuestCodeRules.SoftwareCounter), CodeRefusalKind.MalformedPoll, 21);
        Assert.Contains("middle of a poll", refusal.Reason, StringComparison.Ordinal);
        code = Assemble(write(0));
        Assert.Empty(GuestCodeCheck.Check(code with { Entries = [Base, Base + 21] },
            GuestCodeRules.SoftwareCounter).Refusals);
    }

    [Fact]
    public void A_call_into_a_poll_is_refused()
    {
        GuestCode code = Assemble(code =>
        {
            Action trap = code.Poll();
            code.ret();          // 15
            trap();              // 16: out, 18: jmp
            code.call(Base + 3); // 20
            code.Exit();
        }) with { Entries = [Base, Base + 20] };
        AssertRefused(GuestCodeCheck.Check(code, GuestCodeRules.SoftwareCounter), CodeRefusalKind.MalformedPoll, 20);
    }

    [Fact]
    public void A_poll_cannot_be_entered_from_outside_in_its_middle()
    {
        GuestCode code = Assemble(code =>
        {
            Action trap = code.Poll();
            code.Exit();
            trap();
        }, Base + 3);
        AssertRefused(GuestCodeCheck.Check(code, GuestCodeRules.SoftwareCounter), CodeRefusalKind.MalformedPoll, 3);
    }

    [Fact]
    public void Writing_R15_is_refused_and_reading_it_is_not()
    {
        Action<Assembler>[] writes =
        [
            code => code.mov(r15, rax), code => code.mov(r15d, eax), code => code.mov(r15w, ax), code => code.mov(r15b, al),
            code => code.pop(r15), code => code.xchg(r15, rax), code => code.cmove(r15, rax), code => code.dec(r15),
            code => code.lea(r15, __[rax]), code => code.xadd(__qword_ptr[rdi], r15), code => code.cvttsd2si(r15, xmm0),
        ];
        foreach (Action<Assembler> write in writes)
        {
            AssertRefused(code =>
            {
                write(code);
                code.Exit();
            }, CodeRefusalKind.WritesPollCount, 0);
        }
        AssertAccepted(code =>
        {
            code.mov(rax, r15);
            code.push(r15);
            code.mov(r14, __[r15 + 8]);
            code.Exit();
        });
        Assert.Empty(Check(code =>
        {
            writes[0](code);
            code.Exit();
        }, GuestCodeRules.Instructions).Refusals);
    }

    [Fact]
    public void Touching_the_limit_is_refused()
    {
        Action<Assembler>[] touches =
        [
            code => code.mov(rax, __qword_ptr.gs[8]), code => code.mov(__dword_ptr.gs[12], eax),
            code => code.mov(rax, __qword_ptr.gs[1]), code => code.mov(al, __byte_ptr.gs[15]),
            code => code.movups(xmm0, __xmmword_ptr.gs[0]), code => code.mov(eax, __dword_ptr.gs[rax]),
            code => code.mov(eax, __dword_ptr.gs[(rcx * 8) + 16]), code => code.inc(__qword_ptr.gs[8]),
        ];
        foreach (Action<Assembler> touch in touches)
        {
            AssertRefused(code =>
            {
                touch(code);
                code.Exit();
            }, CodeRefusalKind.TouchesLimit, 0);
        }
        AssertAccepted(code =>
        {
            code.mov(rax, __qword_ptr.gs[0]);
            code.mov(__dword_ptr.gs[16], 1);
            code.mov(eax, __dword_ptr.gs[24]);
            code.mov(rax, __qword_ptr[8]);
            code.Exit();
        });
    }

    // With anything changed the cycle has no poll, and something of it is not as it should be.
    private static void AssertNoPoll(Action<PollParts> change)
    {
        (int polls, int refusals) = PollsAndRefusals(change);
        Assert.Equal(0, polls);
        Assert.True(refusals >= 2);
    }

    private static (int Polls, int Refusals) PollsAndRefusals(Action<PollParts> change)
    {
        var poll = new PollParts();
        change(poll);
        GuestCodeReport report = Check(code =>
        {
            Label head = code.CreateLabel(), trap = code.CreateLabel(), resume = code.CreateLabel();
            code.Label(ref head);
            poll.Count(code);
            poll.Compare(code);
            poll.Branch(code, trap);
            code.Label(ref resume);
            code.sub(edi, 1);
            code.jne(head);
            code.Exit();
            code.Label(ref trap);
            poll.Trap(code);
            code.jmp(poll.ComesBackElsewhere ? head : resume);
        });
        if (report.PollCount == 0)
        {
            Assert.Contains(report.Refusals, refusal => refusal.Kind == CodeRefusalKind.CycleWithoutPoll);
            Assert.Contains(report.Refusals, refusal => refusal.Kind
                is CodeRefusalKind.MalformedPoll or CodeRefusalKind.WritesPollCount or CodeRefusalKind.TouchesLimit);
        }
        return (report.PollCount, report.Refusals.Count);
    }

    private sealed class PollParts
    {
        public Action<Assembler> Count { get; set; } = code => code.inc(r15);

        public Action<Assembler> Compare { get; set; } = code => code.cmp(r15, __qword_ptr.gs[8]);

        public Action<Assembler, Label> Branch { get; set; } = (code, trap) => code.jae(trap);

        public Action<Assembler> Trap { get; set; } = code => code.@out(0x10, al);

        public bool ComesBackElsewhere { get; set; }
    }
}
