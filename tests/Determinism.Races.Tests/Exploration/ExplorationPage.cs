using Determinism.Emulation.Exploration;
using Determinism.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Races.Tests.Exploration;

/// <summary>What docs/exploration.md shows.</summary>
public class ExplorationPage
{
    [Fact]
    public void The_example_prints_what_the_page_says()
    {
        MachineConfiguration guest = SmallGuest.Build(2, (guest, _) =>
        {
            guest.Code.mov(rax, __qword_ptr[(long)SmallGuest.Data]);
            guest.Code.inc(rax);
            guest.Code.mov(__qword_ptr[(long)SmallGuest.Data], rax);
        });
        using var output = new StringWriter { NewLine = "\n" };
        Print(guest, SmallGuest.Data, output);
        string page = File.ReadAllText(Path.Combine(FindRoot(), "docs", "exploration.md")).ReplaceLineEndings("\n");
        Assert.Contains($"```\n{output}```\n", page, StringComparison.Ordinal);
    }

    private static void Print(MachineConfiguration configuration, ulong counter, TextWriter output)
    {
        ExplorationReport report = Explorer.Explore(configuration, machine => $"{machine.Processors.Memory.At<ulong>(counter)}");
        foreach (ExploredOutcome one in report.Outcomes)
            output.WriteLine($"{one.Outcome}: {one.Interleavings} interleavings, the first is {string.Join("", one.Schedule)}");
        output.WriteLine($"{report.Interleavings} interleavings, {report.IdenticalReplays} replays identical");
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Determinism.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
