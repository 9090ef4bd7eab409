using System.Diagnostics;
using System.Text.RegularExpressions;
using Determinism.Log;

namespace Determinism.Machine.Tests.Queries;

/// <summary>The sample as a user runs it.</summary>
public partial class FindWritersTests
{
    [Theory]
    [InlineData("", "counter", 2)]
    [InlineData("--vcpus 3 --parameters 30 4 --symbol order", "order", 3)]
    public void It_records_and_lists_every_writer(string arguments, string variable, int vcpus)
    {
        (string[] lines, int code) = Run(arguments);
        Assert.Equal(0, code);
        Check(lines, variable, vcpus);
    }

    [Fact]
    public void It_looks_into_a_log_that_was_kept()
    {
        string folder = Directory.CreateTempSubdirectory("determinism-writers-").FullName;
        try
        {
            MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.SoftwareCounter) with { Parameters = [60, 8] };
            var recorded = new MemoryEventLog(configuration.Shape.AgentCount);
            MachineRunner.Record(configuration, MachineRunner.MakeScheduler("chaos", 2), recorded);
            string path = Path.Combine(folder, "racy.detlog");
            LogCopy.WriteTo(recorded, path);
            (string[] lines, int code) = Run($"--log {path}");
            Assert.Equal(0, code);
            Check(lines, "counter", 2);
            // It is asked of one recording: the answer does not change.
            Assert.Equal(lines, Run($"--log {path}").Lines);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("--symbol nothing", 64)]
    [InlineData("--symbol work", 64)]
    [InlineData("--workload nothing", 64)]
    [InlineData("--vcpus 65", 64)]
    [InlineData("--log nowhere", 4)]
    public void What_is_not_there_ends_with_its_code(string arguments, int exitCode) => Assert.Equal(exitCode, Run(arguments).Code);

    /// <summary>Each write finds what the one before it left.</summary>
    private static void Check(string[] lines, string variable, int vcpus)
    {
        Assert.Matches($"^{lines.Length - 1} writes of {variable}, 4096 bytes at 0x[0-9a-f]+$", lines[^1]);
        Assert.True(lines.Length > 10);
        string value = "0";
        var writers = new HashSet<string>();
        foreach (string line in lines[..^1])
        {
            Match write = WritePattern().Match(line);
            Assert.True(write.Success, line);
            Assert.Equal(variable, write.Groups["variable"].Value);
            Assert.Equal(value, write.Groups["before"].Value);
            value = write.Groups["after"].Value;
            writers.Add(write.Groups["vcpu"].Value);
        }
        Assert.All(writers, vcpu => Assert.InRange(int.Parse(vcpu, System.Globalization.CultureInfo.InvariantCulture), 0, vcpus - 1));
    }

    [GeneratedRegex(@"^step \d+: vCPU (?<vcpu>\d+), [a-z_]+\+0x[0-9A-F]+ \(0x[0-9a-f]+\), after its event \d+: (?<variable>\w+) (?<before>\d+) -> (?<after>\d+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex WritePattern();

    private static (string[] Lines, int Code) Run(string arguments)
    {
        var start = new ProcessStartInfo("dotnet", $"{Path.Combine(AppContext.BaseDirectory, "FindWriters.dll")} {arguments}")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill();
            Assert.Fail("The sample hangs.");
        }
        _ = errors.Result;
        return (output.Split('\n', StringSplitOptions.RemoveEmptyEntries), process.ExitCode);
    }
}
