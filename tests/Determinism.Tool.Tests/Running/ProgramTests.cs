using System.Diagnostics;
using Determinism.Log;

namespace Determinism.Tool.Tests.Running;

/// <summary>The tool as a process of its own.</summary>
public class ProgramTests
{
    [Fact]
    public void A_dump_that_nobody_reads_any_more_ends()
    {
        if (OperatingSystem.IsWindows())
            return;
        var many = new EditedLog(1);
        // More than any pipe holds.
        for (ulong count = 1; count <= 100_000; count++)
            many.Add(0, new StreamEvent { Kind = EventKind.Digest, Place = PlaceKind.Count, Position = count, Value = count });
        using var log = new LogFolder(many.ToLog());
        using Process tool = Start("log", "dump", log.Path);
        Assert.StartsWith("agent", tool.StandardOutput.ReadLine(), StringComparison.Ordinal);
        tool.StandardOutput.Close();
        Assert.Empty(tool.StandardError.ReadToEnd());
        tool.WaitForExit();
        Assert.Equal((int)ExitCode.Failed, tool.ExitCode);
    }

    [Fact]
    public void All_that_is_printed_arrives()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        using Process tool = Start("log", "dump", log.Path, "--json");
        string printed = tool.StandardOutput.ReadToEnd();
        tool.WaitForExit();
        Assert.Equal(0, tool.ExitCode);
        Assert.Equal(ToolRun.Good("log", "dump", log.Path, "--json").Output, printed.ReplaceLineEndings("\n"));
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(ToolProgram).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
}
