using Determinism.ProcessorTests.Comparison;
using Determinism.ProcessorTests.Generation;
using Determinism.ProcessorTests.Kvm;
using Iced.Intel;
using Xunit;
using Xunit.Abstractions;

namespace Determinism.ProcessorTests;

/// <summary>The yardstick itself: the real processor agrees with itself on everything that is compared.</summary>
public sealed class RealProcessorTests(ITestOutputHelper output)
{
    [SkippableFact]
    public unsafe void An_addition_has_the_known_sum_and_flags()
    {
        using var real = RealProcessor.TryOpen(out var reason);
        Skip.If(real == null, reason);
        var snippet = new Snippet(0);
        snippet.Gpr[0] = 0xFFFF_FFFF_7FFF_FFFF;
        snippet.Gpr[13] = 1;
        snippet.Xmm[15] = new UInt128(1, 2);
        snippet.Units.Add(new Unit([Instruction.Create(Code.Add_rm32_r32, Register.EAX, Register.R13D)], 0, default, -1));
        new SnippetEncoder().Write(snippet, real!.Memory, Layout.Slot(Layout.Slots));
        real.Memory[Layout.Slot(Layout.Slots)] = 0xE6; // out 0x10, al
        real.Memory[Layout.Slot(Layout.Slots) + 1] = 0x10;
        Assert.Null(real.Run(Layout.Slot(0)));

        var outputs = real.Memory + Layout.Slot(0) + Layout.Outputs;
        Assert.Equal(0x8000_0000UL, *(ulong*)outputs);
        Assert.Equal(1UL, ((ulong*)outputs)[13]);
        Assert.Equal(new UInt128(1, 2), ((UInt128*)(outputs + Layout.XmmOffset))[15]);
        Assert.Equal("{OF SF AF PF}", FlagText.Of(*(ushort*)(outputs + Layout.FlagsOffset)));
    }

    [SkippableFact]
    public unsafe void Guest_code_that_does_not_end_is_ended()
    {
        using var real = RealProcessor.TryOpen(out var reason);
        Skip.If(real == null, reason);
        real!.Memory[Layout.FirstSlot] = 0xEB; // jmp to itself
        real.Memory[Layout.FirstSlot + 1] = 0xFE;
        real.Patience = TimeSpan.FromMilliseconds(100);
        Assert.Throws<TimeoutException>(() => real.Run(Layout.FirstSlot));
        Assert.Throws<ObjectDisposedException>(() => real.Run(Layout.FirstSlot));
    }

    [SkippableFact]
    public unsafe void An_exception_of_the_guest_is_a_result()
    {
        using var real = RealProcessor.TryOpen(out var reason);
        Skip.If(real == null, reason);
        real!.Memory[Layout.FirstSlot] = 0x0F; // ud2
        real.Memory[Layout.FirstSlot + 1] = 0x0B;
        Assert.Contains("exception", real.Run(Layout.FirstSlot), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Two_machines_of_the_real_processor_give_the_same_results()
    {
        using var first = RealProcessor.TryOpen(out var reason);
        Skip.If(first == null, reason);
        using var second = RealProcessor.TryOpen(out reason);
        var differential = new Differential(first!, second!);
        var run = new Comparison.ComparisonRun(differential, first!, output.WriteLine, seed: 1);
        run.Singles(5_000);
        run.Sequences(1_000);
        Assert.Equal(0, differential.BothFaulted);
    }
}
