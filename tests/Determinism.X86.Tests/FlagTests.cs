using Iced.Intel;
using static Determinism.X86.Tests.GuestProgram;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.X86.Tests;

/// <summary>Flags that a poll replaces, and flags that processors leave as they like.</summary>
public class FlagTests
{
    [Fact]
    public void A_flag_that_lives_across_a_poll_is_refused()
    {
        CodeRefusal refusal = AssertRefused(AfterPoll(code => code.setb(al)), CodeRefusalKind.LiveFlags, 0);
        Assert.Equal("is a poll and replaces CF, which may be read by 0x40000f: setb al", refusal.Reason);
        AssertAccepted(AfterPoll(code =>
        {
            code.test(eax, eax);
            code.setb(al);
        }));
    }

    [Fact]
    public void Each_way_of_reading_a_flag_counts()
    {
        foreach (Action<Assembler> read in (Action<Assembler>[])
            [code => code.lahf(), code => code.adc(eax, 1), code => code.cmove(eax, ebx), code => code.jo(Base),
                code => code.cmc(), code => code.rcl(eax, 1)])
            Assert.Contains(Check(AfterPoll(read)).Refusals, refusal => refusal.Kind == CodeRefusalKind.LiveFlags);
    }

    [Fact]
    public void INC_leaves_the_carry_alive() =>
        Assert.Contains("CF", AssertRefused(AfterPoll(code =>
        {
            code.inc(eax);
            code.setbe(al);
        }), CodeRefusalKind.LiveFlags, 0).Reason, StringComparison.Ordinal);

    [Fact]
    public void A_shift_by_a_register_may_leave_the_flags_alive()
    {
        AssertRefused(AfterPoll(code =>
        {
            code.shl(eax, cl);
            code.sete(al);
        }), CodeRefusalKind.LiveFlags, 0);
        AssertAccepted(AfterPoll(code =>
        {
            code.shl(eax, 3);
            code.sete(al);
        }));
        AssertAccepted(AfterPoll(code =>
        {
            code.shl(eax, cl);
            code.test(eax, eax);
            code.sete(al);
        }));
    }

    [Fact]
    public void A_repeated_comparison_may_leave_the_flags_alive()
    {
        AssertRefused(AfterPoll(code =>
        {
            code.repe.cmpsb();
            code.sete(al);
        }), CodeRefusalKind.LiveFlags, 0);
        AssertAccepted(AfterPoll(code =>
        {
            code.cmpsb();
            code.sete(al);
        }));
    }

    [Fact]
    public void A_flag_lives_across_a_jump_and_both_ways_of_a_branch()
    {
        AssertRefused(AfterPoll(code =>
        {
            Label away = code.CreateLabel(), there = code.CreateLabel();
            code.jrcxz(away);
            code.test(eax, eax);
            code.jmp(there);
            code.Label(ref away);
            code.nop();
            code.Label(ref there);
            code.sete(al);
        }), CodeRefusalKind.LiveFlags, 0);
    }

    [Fact]
    public void A_flag_lives_into_a_called_function_and_out_of_it()
    {
        AssertRefused(AfterPoll(code =>
        {
            Label over = code.CreateLabel(), function = code.CreateLabel();
            code.call(function);
            code.jmp(over);
            code.Label(ref function);
            code.sete(al);
            code.ret();
            code.Label(ref over);
            code.nop();
        }), CodeRefusalKind.LiveFlags, 0);

        Action<Assembler> write(bool functionCompares) => AfterPoll(code =>
        {
            Label over = code.CreateLabel(), function = code.CreateLabel();
            code.call(function);
            code.sete(al);
            code.jmp(over);
            code.Label(ref function);
            if (functionCompares)
                code.cmp(eax, 1);
            code.ret();
            code.Label(ref over);
            code.nop();
        });
        AssertRefused(write(functionCompares: false), CodeRefusalKind.LiveFlags, 0);
        AssertAccepted(write(functionCompares: true));
    }

    [Fact]
    public void HALT_shows_all_flags_to_the_handler()
    {
        AssertRefused(AfterPoll(code => code.@out(0x1A, al)), CodeRefusalKind.LiveFlags, 0);
        AssertAccepted(AfterPoll(code =>
        {
            code.cmp(rax, rax);
            code.@out(0x1A, al);
        }));
        AssertAccepted(AfterPoll(code => code.@out(0x14, al)));
    }

    [Fact]
    public void An_undefined_flag_that_is_read_is_refused()
    {
        CodeRefusal refusal = AssertRefused(Then(code => code.imul(eax, ebx), code => code.sete(al)),
            CodeRefusalKind.UndefinedFlags, 0);
        Assert.Equal("leaves ZF undefined, which may be read by 0x400003: sete al", refusal.Reason);
        AssertAccepted(Then(code => code.imul(eax, ebx), code => code.seto(al)));
        AssertAccepted(Then(code =>
        {
            code.imul(eax, ebx);
            code.test(eax, eax);
        }, code => code.sete(al)));
    }

    [Fact]
    public void Undefined_flags_of_all_sorts_are_known()
    {
        AssertUndefined(code => code.shl(eax, 3), code => code.seto(al));
        AssertUndefined(code => code.shl(eax, cl), code => code.seto(al));
        AssertUndefined(code => code.bsf(eax, ebx), code => code.setb(al));
        AssertUndefined(code => code.tzcnt(eax, ebx), code => code.sete(al));
        AssertUndefined(code => code.bt(eax, 3), code => code.sets(al));
        AssertUndefined(code => code.div(ebx), code => code.setb(al));
        AssertUndefined(code => code.mul(rbx), code => code.setp(al));
        AssertUndefined(code => code.and(eax, ebx), code => code.lahf());
        AssertAccepted(Then(code => code.shl(eax, 1), code => code.seto(al)));
        AssertAccepted(Then(code => code.shl(eax, 3), code => code.setb(al)));
        AssertAccepted(Then(code => code.bsf(eax, ebx), code => code.sete(al)));
        AssertAccepted(Then(code => code.bt(eax, 3), code => code.setb(al)));
    }

    [Fact]
    public void Undefined_flags_matter_to_the_software_counter_alone() =>
        Assert.Empty(Check(Then(code => code.imul(eax, ebx), code => code.sete(al)), GuestCodeRules.Instructions).Refusals);

    [Fact]
    public void An_undefined_flag_may_live_through_a_shift_by_nothing() =>
        AssertRefused(Then(code =>
        {
            code.imul(eax, ebx);
            code.shl(eax, cl);
        }, code => code.sete(al)), CodeRefusalKind.UndefinedFlags, 0);

    private static void AssertUndefined(Action<Assembler> leave, Action<Assembler> read) =>
        AssertRefused(Then(leave, read), CodeRefusalKind.UndefinedFlags, 0);

    private static Action<Assembler> Then(Action<Assembler> first, Action<Assembler> second) => code =>
    {
        first(code);
        second(code);
        code.Exit();
    };

    private static Action<Assembler> AfterPoll(Action<Assembler> write) => code =>
    {
        Action trap = code.Poll();
        write(code);
        code.Exit();
        trap();
    };
}
