using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Guests.Tests.Binaries;

/// <summary>The checker of the binaries must see what it looks for.</summary>
public class CodeGraphTests
{
    private const ulong Base = 0x400000;

    [Fact]
    public void A_loop_with_a_poll_is_fine()
    {
        Assert.Empty(FaultsOf(code =>
        {
            var head = code.CreateLabel();
            code.Label(ref head);
            var trap = Poll(code);
            code.sub(edi, 1);
            code.jne(head);
            code.ret();
            trap();
        }));
    }

    [Fact]
    public void A_loop_without_a_poll_is_found()
    {
        Assert.Contains(FaultsOf(code =>
        {
            var head = code.CreateLabel();
            code.Label(ref head);
            code.sub(edi, 1);
            code.jne(head);
            code.ret();
        }), fault => fault.StartsWith("a cycle without a poll", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cycle_around_the_poll_is_found()
    {
        Assert.Contains(FaultsOf(code =>
        {
            Label head = code.CreateLabel(), skip = code.CreateLabel();
            code.Label(ref head);
            code.test(esi, esi);
            code.je(skip);
            var trap = Poll(code);
            code.Label(ref skip);
            code.sub(edi, 1);
            code.jne(head);
            code.ret();
            trap();
        }), fault => fault.StartsWith("a cycle without a poll", StringComparison.Ordinal));
    }

    [Fact]
    public void A_recursion_without_a_poll_is_found()
    {
        Assert.Contains(FaultsOf(code =>
        {
            code.call(Base);
            code.ret();
        }), fault => fault.StartsWith("a cycle of calls", StringComparison.Ordinal));
    }

    [Fact]
    public void A_flag_that_lives_across_a_poll_is_found()
    {
        Assert.Contains(FaultsOf(code =>
        {
            var end = code.CreateLabel();
            code.cmp(edi, 1);
            var trap = Poll(code);
            code.je(end);
            code.inc(eax);
            code.Label(ref end);
            code.ret();
            trap();
        }), fault => fault.StartsWith("flags live", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_use_of_the_poll_count_is_found()
    {
        Assert.Contains(FaultsOf(code =>
        {
            code.mov(r15d, eax);
            code.ret();
        }), fault => fault.StartsWith("r15", StringComparison.Ordinal));
    }

    private static Action Poll(Assembler code)
    {
        Label trap = code.CreateLabel(), resume = code.CreateLabel();
        code.inc(r15);
        code.cmp(r15, __qword_ptr.gs[8]);
        code.jae(trap);
        code.Label(ref resume);
        code.nop();
        return () =>
        {
            code.Label(ref trap);
            code.@out(0x10, al);
            code.jmp(resume);
        };
    }

    private static List<string> FaultsOf(Action<Assembler> write)
    {
        var code = new Assembler(64);
        write(code);
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), Base);
        var bytes = stream.ToArray();
        return [.. new CodeGraph(bytes, Base, [("f", Base, (ulong)bytes.Length)]).FindFaults()];
    }
}
