using Determinism.ProcessorTests.Comparison;
using Determinism.ProcessorTests.Generation;
using Determinism.ProcessorTests.Kvm;
using Iced.Intel;
using Xunit;
using Xunit.Abstractions;

namespace Determinism.ProcessorTests;

/// <summary>
/// The table of memory operands, which the KVM backend acquires pages by, says what the real processor does; and
/// on the real processor an instruction that was stopped and let on leaves what it leaves otherwise.
/// </summary>
public sealed class OperandTableTests(ITestOutputHelper output)
{
    private const int MostReports = 10;

    private static readonly bool _full = Environment.GetEnvironmentVariable("DETERMINISM_TEST_TIER") == "full";

    [SkippableFact]
    public void The_table_names_every_page_an_instruction_needs_and_no_write_too_many()
    {
        var (reports, probed) = Probe(_full ? 30_000 : 3_000, null);
        output.WriteLine($"{probed} instructions stopped at forbidden pages");
        Assert.True(reports.Count == 0, string.Join('\n', reports.Take(MostReports)));
        Assert.True(probed > 3_000, $"only {probed} instructions stopped");
    }

    [SkippableFact]
    public void A_table_without_writes_is_noticed()
    {
        var (reports, _) = Probe(300, a => a with { Right = AccessRight.Read });
        Assert.Contains(reports, r => r.Contains("needs more than", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_table_that_leaves_accesses_out_is_noticed()
    {
        var (reports, _) = Probe(300, _ => null);
        Assert.Contains(reports, r => r.Contains("needs more than", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_table_with_writes_too_many_is_noticed()
    {
        var (reports, _) = Probe(300, a => a with { Right = AccessRight.ReadWrite });
        Assert.Contains(reports, r => r.Contains("went on without", StringComparison.Ordinal));
    }

    private static (List<string> Reports, int Probed) Probe(int snippets, Func<MemoryAccess, MemoryAccess?>? disturb)
    {
        using var real = RealProcessor.TryOpen(out var reason);
        Skip.If(real == null, reason);
        var probe = new AccessProbe(real!) { Disturb = disturb };
        var generator = new SnippetGenerator(11, InstructionForms.All);
        var reports = new List<string>();
        for (var number = 0; number < snippets; number++)
        {
            var snippet = generator.Single((ulong)number, number % Layout.Slots);
            if (HasStack(snippet) && probe.Run(snippet) is { } report)
                reports.Add($"{snippet.Origin}, {snippet.Units[0]}: {report}");
        }
        return (reports, probe.Probed);
    }

    // A page fault with a wild stack pointer ends the guest here (see Differential.RunAll), and page faults are what this is about.
    private static bool HasStack(Snippet snippet) => snippet.Gpr[4] - snippet.Middle + 256 < 512
        && !snippet.Units[0].Instructions.Any(WritesStackPointer);

    private static bool WritesStackPointer(Instruction instruction)
    {
        for (var operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) == OpKind.Register && instruction.GetOpRegister(operand).GetFullRegister() == Register.RSP)
                return true;
        }
        return false;
    }
}
