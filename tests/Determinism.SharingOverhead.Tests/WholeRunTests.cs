using System.Text.Json;
using Determinism.Guests.Build;

namespace Determinism.SharingOverhead.Tests;

public sealed class WholeRunTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sharing");

    [Fact]
    public void FilesHoldWhatWasMeasured()
    {
        (int code, string output) = Run("--guests", "migratory", "--policy", "hold,at-once", "--repeat", "2");
        Assert.Equal(0, code);
        JsonElement[] rows = [.. Json().EnumerateArray()];
        Assert.Equal(["hold", "at-once"], rows.Select(static row => row.GetProperty("policy").GetString()));
        foreach (JsonElement row in rows)
            CheckRow(row);
        Assert.Contains(rows, static row => row.GetProperty("exits").GetInt64() != row.GetProperty("unrecorded_exits").GetInt64());
        Assert.True(rows[0].GetProperty("replay_s").GetDouble() > 0);
        Assert.True(rows[0].GetProperty("replay_ratio").GetDouble() > 0);
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("replay_s").ValueKind);
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("replay_ratio").ValueKind);
        Assert.Equal(2, rows[0].GetProperty("samples").GetProperty("recorded").GetArrayLength());

        string[] lines = File.ReadAllLines(PathOf("out.csv"));
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("guest,backend,vcpus,size,", lines[0], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Equal(lines[0].Count(static letter => letter == ','), line.Count(static letter => letter == ',')));
        Assert.Contains("| migratory | 2 | at-once |", output, StringComparison.Ordinal);
        Assert.Contains("handovers, most of them of", output, StringComparison.Ordinal);
        string report = File.ReadAllText(Directory.GetFiles(PathOf("results"), "managed-S.md", SearchOption.AllDirectories).Single());
        Assert.Contains("| migratory | 2 | hold |", report, StringComparison.Ordinal);
        Assert.Contains("- dotnet: .NET", report, StringComparison.Ordinal);
    }

    [Fact]
    public void RunsOfSeveralDaysMakeOneReport()
    {
        (_, string first) = Run("--guests", "migratory", "--policy", "hold,at-once", "--repeat", "2");
        string[] files = [PathOf("first.json"), PathOf("second.json")];
        File.Move(PathOf("out.json"), files[0]);
        (_, string second) = Run("--guests", "prodcons", "--repeat", "1");
        File.Move(PathOf("out.json"), files[1]);

        var output = new StringWriter();
        int code = new CommandLine().Invoke(["--from", .. files, "--json", PathOf("out.json"), "--csv", PathOf("out.csv"), "--results",
            PathOf("results")], settings => EarlierRuns.Report(settings, output, TextWriter.Null) ? 0 : 4);
        Assert.Equal(0, code);
        foreach (string line in (first + second).Split('\n').Where(static line => !line.StartsWith("No runs", StringComparison.Ordinal)))
            Assert.Contains(line, output.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, Json().GetArrayLength());
        Assert.Equal(Compact(files[0])[..^1] + "," + Compact(files[1])[1..], Compact(PathOf("out.json")));
        string report = Directory.GetFiles(PathOf("results"), "managed-S.md", SearchOption.AllDirectories).Single();
        Assert.Contains("- rounds: 2, 1\n", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("[1]")]
    [InlineData("[{\"guest\": \"radix\", \"samples\": 3}]")]
    public void WhatIsNoMeasurementIsRefused(string text)
    {
        File.WriteAllText(PathOf("bad.json"), text);
        DeterminismException? error = null;
        new CommandLine().Invoke(["--from", PathOf("bad.json")], settings =>
        {
            error = Assert.Throws<DeterminismException>(() => EarlierRuns.Report(settings, TextWriter.Null, TextWriter.Null));
            return 4;
        });
        Assert.Contains("bad.json", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RunsWithoutPollsNeedACompiler()
    {
        (int code, string output) = Run("--guests", "readshared", "--clock", "polls", "--repeat", "1");
        Assert.Equal(0, code);
        bool hasCompiler = GuestBuilder.FindCompilerMajorVersion() is not null;
        JsonElement row = Json().EnumerateArray().Single();
        Assert.Equal(hasCompiler ? JsonValueKind.Number : JsonValueKind.Null, row.GetProperty("unrecorded_nopoll_s").ValueKind);
        Assert.Equal(!hasCompiler, output.Contains("No runs without polls", StringComparison.Ordinal));
        Assert.Equal("polls", row.GetProperty("clock").GetString());
    }

    [Fact]
    public void FailureIsTold()
    {
        string bad = PathOf("bad.elf");
        using (var from = typeof(Guests.GuestCatalog).Assembly.GetManifestResourceStream("migratory.elf")!)
        using (FileStream to = File.Create(bad))
            from.CopyTo(to);
        // More words than a record has: the guest gives up with exit code 1.
        Assert.Equal(4, Invoke("--guest", bad, "--repeat", "1", "--no-pin", "--json", PathOf("out.json"), "--", "10", "4096").Code);
        JsonElement row = Json().EnumerateArray().Single();
        Assert.Contains("record too long", row.GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, row.GetProperty("recorded_s").ValueKind);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void CheckRow(JsonElement row)
    {
        Assert.Equal("migratory", row.GetProperty("guest").GetString());
        Assert.Equal("managed", row.GetProperty("backend").GetString());
        Assert.Equal(2, row.GetProperty("vcpus").GetInt32());
        Assert.Equal("S", row.GetProperty("size").GetString());
        foreach (string time in new[] { "unrecorded", "recorded", "serial" })
        {
            double median = row.GetProperty(time + "_s").GetDouble();
            Assert.InRange(median, row.GetProperty(time + "_p25_s").GetDouble(), row.GetProperty(time + "_p75_s").GetDouble());
            Assert.True(median > 0);
        }
        Assert.Equal(JsonValueKind.Null, row.GetProperty("unrecorded_nopoll_s").ValueKind);
        Assert.Contains(row.GetProperty("serial_quantum_ms").GetDouble(), new[] { 0.1, 1, 10 });
        Assert.Equal("n/a", row.GetProperty("serial_verdict").GetString());

        // A record that goes around 600 times cannot be handed over less often; two vCPUs have no order without a handover.
        long handovers = row.GetProperty("handovers").GetInt64(), constraints = row.GetProperty("constraints").GetInt64();
        Assert.True(handovers >= 600);
        Assert.InRange(constraints, 1, handovers);
        Assert.True(row.GetProperty("constraints_before").GetInt64() >= constraints);
        // The record faults wherever it goes. Unrecorded, whoever waits exits as often as the computer is busy; each vCPU does at its end.
        Assert.True(row.GetProperty("exits").GetInt64() >= 600);
        Assert.True(row.GetProperty("unrecorded_exits").GetInt64() >= 2);
        Assert.Equal(3, row.GetProperty("events").GetProperty("End").GetInt64());
        Assert.Equal(handovers, row.GetProperty("events").GetProperty("Reduction").GetInt64());
        long bytes = row.GetProperty("log_bytes").GetInt64();
        Assert.True(bytes > 0);
        Assert.Equal((double)bytes / constraints, row.GetProperty("bytes_per_constraint").GetDouble(), 6);
        foreach (string key in new[] { "cpu", "cores", "os", "dotnet", "package_version" })
            Assert.NotEqual("", row.GetProperty("environment").GetProperty(key).ToString());
    }

    private (int Code, string Output) Run(params string[] args) => Invoke(
        [.. args, "--no-pin", "--json", PathOf("out.json"), "--csv", PathOf("out.csv"), "--results", PathOf("results")]);

    private static (int Code, string Output) Invoke(params string[] args)
    {
        var output = new StringWriter();
        int code = new CommandLine().Invoke(args, settings => new Benchmark(
            settings, BackendNames.Find(settings.Backend), output, TextWriter.Null).Run() ? 0 : 4);
        return (code, output.ToString());
    }

    private JsonElement Json() => JsonDocument.Parse(File.ReadAllText(PathOf("out.json"))).RootElement;

    private static string Compact(string path) => JsonSerializer.Serialize(JsonDocument.Parse(File.ReadAllText(path)).RootElement);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
