using Iced.Intel;
using static Determinism.X86.Tests.GuestProgram;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.X86.Tests;

/// <summary>Cycles without polls, and polls that are none.</summary>
public class PollTests
{
    [Fact]
    public void A_loop_without_a_poll_is_refused()
    {
        AssertRefused(Loop(poll: false), CodeRefusalKind.CycleWithoutPoll, 1);
        AssertAccepted(Loop(poll: true));
        Assert.Equal(1, Check(Loop(poll: true)).PollCount);
    }

    [Fact]
    public void A_clock_that_counts_by_itself_needs_no_polls()
    {
        GuestCodeReport report = Check(Loop(poll: false), GuestCodeRules.Instructions);
        Assert.Empty(report.Refusals);
        Assert.Equal(4, report.InstructionCount);
    }

    [Fact]
    public void An_instruction_that_jumps_to_itself_is_refused() =>
        AssertRefused(code => code.db(0xEB, 0xFE), CodeRefusalKind.CycleWithoutPoll, 0);

    [Fact]
    public void The_LOOP_instruction_makes_a_cycle() =>
        AssertRefused(code =>
        {
            code.nop();
            code.loop(Base);
            code.Exit();
        }, CodeRefusalKind.CycleWithoutPoll, 0);

    [Fact]
    public void A_way_around_the_poll_is_refused()
    {
        Action<Assembler> write(bool around) => code =>
        {
            Label head = code.CreateLabel(), skip = code.CreateLabel();
            code.Label(ref head);
            code.test(esi, esi);
            if (around)
                code.je(skip);
            Action trap = code.Poll();
            code.Label(ref skip);
            code.sub(edi, 1);
            code.jne(head);
            code.Exit();
            trap();
        };
        AssertRefused(write(around: true), CodeRefusalKind.CycleWithoutPoll, 0);
        AssertAccepted(write(around: false));
    }

    [Fact]
    public void A_repeated_string_instruction_needs_no_poll() =>
        AssertAccepted(code =>
        {
            code.rep.movsq();
            code.Exit();
        });

    [Fact]
    public void Each_cycle_is_refused_once()
    {
        GuestCodeReport report = Check(code =>
        {
            for (int loop = 0; loop < 3; loop++)
            {
                Label head = code.CreateLabel();
                code.Label(ref head);
                code.sub(edi, 1);
                code.jne(head);
            }
            code.Exit();
        });
        Assert.Equal([Base, Base + 5, Base + 10], report.Refusals.Select(refusal => refusal.Address));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_recursion_without_a_poll_is_refused(bool byTailCall)
    {
        Action<Assembler> write(bool poll) => code =>
        {
            Label first = code.CreateLabel(), second = code.CreateLabel();
            Action? trap = null;
            code.call(first);
            code.Exit();
            code.Label(ref first);
            if (poll)
                trap = code.Poll();
            if (byTailCall)
                code.jmp(second);
            else
                code.call(second);
            code.ret();
            code.Label(ref second);
            code.call(first);
            code.ret();
            trap?.Invoke();
        };
        AssertRefused(write(poll: false), CodeRefusalKind.CallCycleWithoutPoll, byTailCall ? 10UL : 7UL);
        AssertAccepted(write(poll: true));
    }

    [Fact]
    public void A_poll_after_the_recursive_call_is_too_late()
    {
        Action<Assembler> write(bool late) => code =>
        {
            Label again = code.CreateLabel();
            code.Label(ref again);
            Action? trap = late ? null : code.Poll();
            code.call(again);
            trap ??= code.Poll();
            code.ret();
            trap();
        };
        AssertRefused(write(late: true), CodeRefusalKind.CallCycleWithoutPoll, 0);
        AssertAccepted(write(late: false));
    }

    [Fact]
    public void A_call_through_a_register_may_call_any_address_that_the_program_holds()
    {
        Action<Assembler> write(bool poll) => code =>
        {
            Label callback = code.CreateLabel();
            Action? trap = null;
            code.lea(rax, __[callback]);
            code.call(rax);
            code.Exit();
            code.Label(ref callback);
            if (poll)
                trap = code.Poll();
            code.call(__qword_ptr[rdi]);
            code.ret();
            trap?.Invoke();
        };
        CodeRefusal refusal = AssertRefused(write(poll: false), CodeRefusalKind.CallCycleWithoutPoll, 7);
        Assert.Contains("if it calls what leads back", refusal.Reason, StringComparison.Ordinal);
        // The program's own entry may be called as well, so it needs a poll too.
        AssertRefused(write(poll: true), CodeRefusalKind.CallCycleWithoutPoll, 7);
        AssertAccepted(code =>
        {
            Action trap = code.Poll();
            code.call(rax);
            code.Exit();
            trap();
        });
    }

    [Fact]
    public void A_leaf_that_is_called_through_a_register_needs_no_poll()
    {
        AssertAccepted(code =>
        {
            Label leaf = code.CreateLabel();
            Action trap = code.Poll();
            code.lea(rax, __[leaf]);
            code.call(rax);
            code.Exit();
            code.Label(ref leaf);
            code.ret();
            trap();
        });
    }

    [Fact]
    public void Deep_code_does_not_exhaust_the_stack_of_the_check()
    {
        GuestCodeReport report = Check(code =>
        {
            for (int jump = 0; jump < 100_000; jump++)
                code.inc(eax);
            code.Exit();
        });
        Assert.Equal(100_001, report.InstructionCount);
        Assert.Empty(report.Refusals);
    }

    private static Action<Assembler> Loop(bool poll) => code =>
    {
        Label head = code.CreateLabel();
        code.nop();
        code.Label(ref head);
        Action? trap = poll ? code.Poll() : null;
        code.sub(edi, 1);
        code.jne(head);
        code.Exit();
        trap?.Invoke();
    };
}
