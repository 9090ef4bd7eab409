using System.Runtime.InteropServices;
using Determinism.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

/// <summary>Fused and chained operations are cut at every instruction: each stop finds what single steps found there.</summary>
public class BudgetTests
{
    private const ulong LongestBudget = 97;
    private const int MostSteps = 1500;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1000, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Budgets_of_every_length_stop_at_the_states_of_single_steps(int seed)
    {
        var expected = SingleSteps(seed);
        for (ulong budget = 2; budget <= LongestBudget; budget++)
        {
            using var guest = Create(seed);
            for (var at = budget; at < (ulong)expected.Count; at += budget)
                AssertStopsAt(guest, at, expected, seed, budget);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void One_cut_at_each_instruction_changes_nothing_after_it(int seed)
    {
        var expected = SingleSteps(seed);
        var end = (ulong)expected.Count - 1;
        for (ulong cut = 1; cut < Math.Min(end, 300); cut++)
        {
            using var guest = Create(seed);
            AssertStopsAt(guest, cut, expected, seed, cut);
            AssertStopsAt(guest, end, expected, seed, cut);
        }
    }

    [Fact]
    public void Branches_on_a_compare_exchange_see_all_its_conditions()
    {
        // The flags are those of comparing the accumulator with what was there, whatever reads them.
        ulong[] values = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x8000000000000000, ulong.MaxValue];
        foreach (var accumulator in values)
        {
            foreach (var value in values)
            {
                using var guest = new Guest();
                guest.Rax = accumulator;
                guest.Word(Guest.Data) = value;
                guest.Rdi = Guest.Data;
                guest.Run(EmitConditions);
                var conditions = guest.Rdx;
                Assert.Equal(accumulator == value, (conditions & 1) != 0);
                Assert.Equal(accumulator < value, (conditions & 2) != 0);
                Assert.Equal((long)accumulator < (long)value, (conditions & 4) != 0);
                Assert.Equal((long)(accumulator - value) < 0, (conditions & 8) != 0);
                Assert.Equal(accumulator > value, (conditions & 16) != 0);
                Assert.Equal((long)accumulator > (long)value, (conditions & 32) != 0);
            }
        }
    }

    private static void EmitConditions(Assembler a)
    {
        a.mov(edx, 0);
        a.mov(ecx, 5);
        a.@lock.cmpxchg(__qword_ptr[rdi], rcx);
        Action<Label>[] unless = [a.jne, a.jae, a.jge, a.jns, a.jbe, a.jle];
        for (var i = 0; i < unless.Length; i++)
        {
            var over = a.CreateLabel();
            unless[i](over);
            // LEA leaves the flags alone.
            a.lea(edx, __[rdx + (1 << i)]);
            a.Label(ref over);
            a.nop();
        }
    }

    private static void AssertStopsAt(Guest guest, ulong at, List<byte[]> expected, int seed, ulong budget)
    {
        var exit = guest.Processor.Run(at);
        Assert.True(exit.Reason == ProcessorExitReason.Stopped && guest.Processor.Count == at,
            $"Seed {seed}, budget {budget}: {exit} at {guest.Processor.Count} instead of {at}.");
        Assert.True(Registers(guest).AsSpan().SequenceEqual(expected[(int)at]),
            $"Seed {seed}, budget {budget}: registers differ at {at}, RIP 0x{guest.Registers.Rip:x}.");
    }

    /// <summary>The registers after each instruction, until the program leaves or for <see cref="MostSteps"/>.</summary>
    private static List<byte[]> SingleSteps(int seed)
    {
        using var guest = Create(seed);
        List<byte[]> states = [Registers(guest)];
        ProcessorExit exit = default;
        while (states.Count < MostSteps)
        {
            exit = guest.Processor.Run((ulong)states.Count);
            // A step too many would end the list early, and leave little to compare with.
            Assert.True(guest.Processor.Count == (ulong)states.Count, $"Seed {seed}: a step to {states.Count} went to {guest.Processor.Count}.");
            if (exit.Reason != ProcessorExitReason.Stopped)
                break;
            states.Add(Registers(guest));
        }

        Assert.True(exit.Reason is ProcessorExitReason.Stopped or ProcessorExitReason.PortOut, $"Seed {seed}: {exit}");
        Assert.True(states.Count > 64, $"Seed {seed}: only {states.Count} instructions.");
        return states;
    }

    private static byte[] Registers(Guest guest)
    {
        var registers = guest.Registers;
        return MemoryMarshal.AsBytes(new ReadOnlySpan<X86Registers>(in registers)).ToArray();
    }

    private static Guest Create(int seed)
    {
        var guest = new Guest(a => RandomProgram.Emit(a, seed));
        // A poll that traps after some rounds: the fused one has to leave in the middle of its block.
        guest.Word(0x50008) = 3;
        new Random(seed).NextBytes(guest.Span.Slice((int)Guest.Data, RandomProgram.DataBytes));
        return guest;
    }
}
