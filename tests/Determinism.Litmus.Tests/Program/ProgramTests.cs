using System.Diagnostics;
using System.Text.Json;

namespace Determinism.Litmus.Tests.Program;

/// <summary>The program: what it prints, and how it ends (docs/exit-codes.md).</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("litmus").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_of_tests_ends_with_0_and_a_line_of_JSON_each()
    {
        Add("SB.litmus");
        Add("MP.litmus");
        (int code, string output) = Run(_folder, "--runs", "5", "--json");
        Assert.Equal(0, code);
        JsonElement[] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["MP", "SB"], lines[..^1].Select(static line => line.GetProperty("test").GetString()));
        Assert.Equal(5, lines[0].GetProperty("outcomes").EnumerateArray().Sum(static one => one.GetProperty("count").GetInt32()));
        Assert.Equal(2, lines[^1].GetProperty("tests").GetInt32());
        Assert.Equal(2, lines[^1].GetProperty("identical").GetInt32());
    }

    [Fact]
    public void A_file_that_cannot_be_run_is_named_and_makes_the_run_inconclusive()
    {
        Add("SB.litmus");
        File.WriteAllText(Path.Combine(_folder, "strange.litmus"), "X86_64 strange\n{}\nP0;\nrdtsc;\nexists true");
        File.WriteAllText(Path.Combine(_folder, "wide.litmus"), "X86_64 wide\n{}\nP0;\nmovq $0x100000000,(x);\nexists true");
        File.WriteAllText(Path.Combine(_folder, "endless.litmus"), "X86_64 endless\n{}\nP0;\nL: jmp L;\nexists true");
        File.WriteAllText(Path.Combine(_folder, "flags.litmus"), "X86_64 flags\n{}\nP0;\nshlq $2,%rax;\nseto %bl;\nexists true");
        (int code, string output) = Run(_folder, "--runs", "5", "--clock", "polls");
        Assert.Equal(2, code);
        Assert.Contains("endless.litmus: not run: endless never ends", output);
        Assert.Contains("flags.litmus: not run: flags is no guest that can be recorded", output);
        Assert.Contains("strange.litmus: not run: line 4: the instruction 'rdtsc' is not supported", output);
        Assert.Contains("wide.litmus", output);
        Assert.Contains("tests: 1 run, 4 not run", output);
    }

    [Fact]
    public void No_test_at_all_is_inconclusive() => Assert.Equal(2, Run(_folder).Code);

    [Fact]
    public void A_folder_that_is_not_there_ends_with_4() => Assert.Equal(4, Run(Path.Combine(_folder, "nowhere")).Code);

    [SkippableFact]
    public void A_clock_that_the_backend_does_not_have_ends_with_3()
    {
        Running.On.Chaos("kvm");
        Add("SB.litmus");
        Assert.Equal(3, Run(_folder, "--backend", "kvm", "--clock", "instructions").Code);
    }

    [Theory]
    [InlineData("--layout", "heap")]
    [InlineData("--runs", "0")]
    [InlineData("--what")]
    public void A_wrong_command_line_ends_with_64(params string[] wrong) => Assert.Equal(64, Run([_folder, .. wrong]).Code);

    private void Add(string name) =>
        File.Copy(Path.Combine(Suite.Folder, "BASIC_2_THREAD", name), Path.Combine(_folder, name));

    private static (int Code, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Litmus.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
