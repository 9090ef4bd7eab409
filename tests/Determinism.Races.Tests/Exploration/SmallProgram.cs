using System.Globalization;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Races.Tests.Exploration;

/// <summary>A tiny program: as a guest, and as what a test can run by itself in every order.</summary>
internal sealed class SmallProgram(string name, params SmallOp[][] threads)
{
    private const int Words = 4;
    private const int MostResults = 5;

    /// <summary>The classics, and some with locked operations, a branch, three and four vCPUs.</summary>
    public static IReadOnlyList<SmallProgram> All { get; } =
    [
        new("SB", [SmallOp.W(0, 1), SmallOp.R(1)], [SmallOp.W(1, 1), SmallOp.R(0)]),
        new("MP", [SmallOp.W(0, 1), SmallOp.W(1, 1)], [SmallOp.R(1), SmallOp.R(0)]),
        new("MP+branch", [SmallOp.W(0, 1), SmallOp.W(1, 1)], [SmallOp.R(1), SmallOp.RIf(0)]),
        new("LB", [SmallOp.R(0), SmallOp.W(1, 1)], [SmallOp.R(1), SmallOp.W(0, 1)]),
        new("2+2W", [SmallOp.W(0, 1), SmallOp.W(1, 2)], [SmallOp.W(1, 1), SmallOp.W(0, 2)]),
        new("R", [SmallOp.W(0, 1), SmallOp.W(1, 1)], [SmallOp.W(1, 2), SmallOp.R(0)]),
        new("S", [SmallOp.W(0, 2), SmallOp.W(1, 1)], [SmallOp.R(1), SmallOp.W(0, 1)]),
        new("SB+xchg", [SmallOp.X(0, 1), SmallOp.R(1)], [SmallOp.X(1, 1), SmallOp.R(0)]),
        new("xadd", [SmallOp.A(0, 1), SmallOp.A(0, 1)], [SmallOp.A(0, 1), SmallOp.A(0, 1), SmallOp.R(0)]),
        new("lost update", [SmallOp.R(0), SmallOp.W(0, 1)], [SmallOp.R(0), SmallOp.W(0, 2)]),
        new("five by five", [SmallOp.W(0, 1), SmallOp.R(1), SmallOp.W(2, 1), SmallOp.R(3), SmallOp.W(1, 3)],
            [SmallOp.W(1, 1), SmallOp.R(0), SmallOp.W(3, 1), SmallOp.R(2), SmallOp.W(0, 3)]),
        new("nothing in common", [SmallOp.W(0, 1), SmallOp.R(0), SmallOp.W(0, 2)], [SmallOp.W(1, 1), SmallOp.R(1), SmallOp.W(1, 2)]),
        new("WRC", [SmallOp.W(0, 1)], [SmallOp.R(0), SmallOp.W(1, 1)], [SmallOp.R(1), SmallOp.R(0)]),
        new("3.SB", [SmallOp.W(0, 1), SmallOp.R(1)], [SmallOp.W(1, 1), SmallOp.R(2)], [SmallOp.W(2, 1), SmallOp.R(0)]),
        new("IRIW", [SmallOp.W(0, 1)], [SmallOp.W(1, 1)], [SmallOp.R(0), SmallOp.R(1)], [SmallOp.R(1), SmallOp.R(0)]),
    ];

    public SmallOp[][] Threads => threads;

    public override string ToString() => name;

    public string Describe() => string.Join('\n', threads.Select(thread => string.Join("; ", thread)));

    /// <summary>Results of reads in R8 and on, a vCPU's own; loads that were not made are 99.</summary>
    public MachineConfiguration ToGuest() => SmallGuest.Build(threads.Length, (guest, vcpu) =>
    {
        Assembler code = guest.Code;
        AssemblerRegister64[] results = [r8, r9, r10, r11, r12];
        foreach (AssemblerRegister64 result in results)
            code.mov(result, 99);
        int next = 0;
        foreach (SmallOp op in threads[vcpu])
            Write(guest, op, results, ref next);
    });

    public string OutcomeOf(GuestMachine machine)
    {
        var memory = new long[Words];
        for (int word = 0; word < Words; word++)
            memory[word] = (long)machine.Processors.Memory.At<ulong>(Address(word));
        var results = new long[threads.Length][];
        for (int vcpu = 0; vcpu < threads.Length; vcpu++)
            results[vcpu] = [.. Enumerable.Range(8, MostResults).Select(register => (long)machine.Processors.Registers(vcpu).Gpr[register])];
        return Describe(memory, results);
    }

    /// <summary>Every order in which the accesses can be made, with what it ends with. Known to no code under test.</summary>
    public IEnumerable<(List<(int Thread, SmallOp Op)> Order, string Outcome)> EnumerateOrders() =>
        Extend([], new int[threads.Length], new long[Words],
            [.. threads.Select(_ => Enumerable.Repeat(99L, MostResults).ToArray())], new int[threads.Length]);

    private IEnumerable<(List<(int, SmallOp)>, string)> Extend(List<(int, SmallOp)> order, int[] at, long[] memory, long[][] results, int[] counts)
    {
        bool isOver = true;
        for (int thread = 0; thread < threads.Length; thread++)
        {
            int next = at[thread];
            int count = counts[thread];
            // A load that is not made is no step of its own.
            while (next < threads[thread].Length && threads[thread][next].Kind == SmallOpKind.LoadIfSeen && results[thread][count - 1] == 0)
            {
                next++;
                count++;
            }
            if (next == threads[thread].Length)
                continue;
            isOver = false;
            SmallOp op = threads[thread][next];
            var newMemory = (long[])memory.Clone();
            long[][] newResults = [.. results.Select(one => (long[])one.Clone())];
            if (op.Reads)
                newResults[thread][count++] = memory[op.Word];
            if (op.Writes)
                newMemory[op.Word] = op.Kind == SmallOpKind.Add ? memory[op.Word] + op.Value : op.Value;
            int[] newAt = [.. at], newCounts = [.. counts];
            newAt[thread] = next + 1;
            newCounts[thread] = count;
            foreach (var one in Extend([.. order, (thread, op)], newAt, newMemory, newResults, newCounts))
                yield return one;
        }
        if (isOver)
            yield return (order, Describe(memory, results));
    }

    public static ulong Address(int word) => SmallGuest.Data + ((ulong)word * 0x40);

    private static void Write(SmallGuest guest, SmallOp op, AssemblerRegister64[] results, ref int next)
    {
        Assembler code = guest.Code;
        AssemblerMemoryOperand word = __qword_ptr[(long)Address(op.Word)];
        switch (op.Kind)
        {
            case SmallOpKind.Load:
                code.mov(results[next++], word);
                break;
            case SmallOpKind.Store:
                code.mov(word, op.Value);
                break;
            case SmallOpKind.Release:
                code.mov(word, op.Value);
                guest.MarkRelease();
                break;
            case SmallOpKind.Exchange:
                code.mov(results[next], op.Value);
                code.xchg(word, results[next++]);
                break;
            case SmallOpKind.Add:
                code.mov(results[next], op.Value);
                code.@lock.xadd(word, results[next++]);
                break;
            default:
                Label unseen = code.CreateLabel();
                code.test(results[next - 1], results[next - 1]);
                code.je(unseen);
                code.mov(results[next++], word);
                code.Label(ref unseen);
                code.nop();
                break;
        }
    }

    private static string Describe(long[] memory, long[][] results) => string.Create(CultureInfo.InvariantCulture,
        $"{string.Join(',', memory)} | {string.Join(" | ", results.Select(one => string.Join(',', one)))}");
}
