using Determinism.Packaging.Tests.Support;

namespace Determinism.Packaging.Tests;

/// <summary>The sample that has nothing of the SDK but its packages.</summary>
[Collection(TwoBuilds.Name)]
public class CustomBackendTests(TwoBuilds builds)
{
    private const int MostAdapterLines = 299;

    private string Folder => Path.Combine(builds.FirstCopy.Folder, "samples/CustomBackend");

    [SkippableFact]
    public void A_backend_written_against_the_packages_replays_what_it_records()
    {
        ToolResult result = RunSample();
        Assert.EndsWith("replays identical: 6 of 6\n", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_backend_written_against_the_packages_passes_the_kit()
    {
        ToolResult result = RunSample("test");
        Assert.Matches(@"Passed!  - Failed:     0, Passed:    [4-9]\d, Skipped:     0", result.Output);
    }

    [Fact]
    public void Its_adapter_is_small_and_its_machine_knows_nothing_of_the_sdk()
    {
        Assert.InRange(Sources("Adapter").Sum(file => File.ReadLines(file).Count()), 1, MostAdapterLines);
        Assert.All(Sources("Machine"), file => Assert.DoesNotContain("using Determinism", File.ReadAllText(file), StringComparison.Ordinal));
        Assert.All(Directory.EnumerateFiles(Folder, "*.csproj", SearchOption.AllDirectories), project => Assert.DoesNotContain(
            "src/Determinism", File.ReadAllText(project), StringComparison.Ordinal));
    }

    private IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.cs");

    private ToolResult RunSample(params string[] arguments)
    {
        Skip.If(Tool.Find("bash") is null, "bash is not installed.");
        return Tool.Run(Folder, "bash", ["run.sh", .. arguments]).Expect(0);
    }
}
