using Determinism.Packaging.Tests.Support;

namespace Determinism.Packaging.Tests;

/// <summary>api/release.sh, on copies of the API files.</summary>
public sealed class ApiReleaseTests : IDisposable
{
    private const string Header = "#nullable enable";

    private readonly TemporaryFolder _folder = new();
    private readonly string _api;

    public ApiReleaseTests()
    {
        Skip.If(Tool.Find("bash") is null, "bash is not installed.");
        _api = Path.Combine(_folder.Path, "api");
        foreach (string file in Directory.EnumerateFiles(
            Path.Combine(SourceCopy.RepositoryRoot, "api"), "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_api, Path.GetRelativePath(Path.Combine(SourceCopy.RepositoryRoot, "api"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_release_ships_all_that_was_not()
    {
        var expected = Projects.ToDictionary(project => project, project =>
            Entries(Shipped(project)).Union(Entries(Unshipped(project)).Where(entry => !IsRemoval(entry)))
                .Except(Entries(Unshipped(project)).Where(IsRemoval).Select(entry => entry["*REMOVED*".Length..]))
                .Order(StringComparer.Ordinal).ToArray());
        Assert.Contains(expected.Values, entries => entries.Length > 0);

        Release("--force").Expect(0);

        Assert.All(Projects, project =>
        {
            Assert.Equal([Header, .. expected[project]], File.ReadAllLines(Shipped(project)));
            Assert.Equal([Header], File.ReadAllLines(Unshipped(project)));
        });
    }

    [SkippableFact]
    public void What_is_removed_is_shipped_no_more()
    {
        string project = Projects[0];
        File.WriteAllLines(Shipped(project), [Header, "A.Gone() -> void", "a.Stays() -> void", "A.Changes() -> int"]);
        File.WriteAllLines(Unshipped(project),
            [Header, "*REMOVED*A.Gone() -> void", "*REMOVED*A.Changes() -> int", "A.Changes() -> long", "~A.New() -> string"]);

        Release("--force").Expect(0);

        Assert.Equal([Header, "A.Changes() -> long", "a.Stays() -> void", "~A.New() -> string"],
            File.ReadAllLines(Shipped(project)));
        Assert.Equal([Header], File.ReadAllLines(Unshipped(project)));
    }

    [SkippableFact]
    public void Done_twice_it_changes_nothing_more()
    {
        Release("--force").Expect(0);
        string[] once = Contents();
        Release("--force").Expect(0);
        Assert.Equal(once, Contents());
    }

    [SkippableFact]
    public void It_refuses_changes_that_are_not_committed()
    {
        Skip.If(Tool.Find("git", "git.exe") is null, "git is not installed.");
        Git("init", "-q");
        string[] before = Contents();
        Assert.Contains("not committed", Release().Expect(1).Output, StringComparison.Ordinal);
        Assert.Equal(before, Contents());

        Git("add", ".");
        Git("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "commit", "-q", "-m", "All");
        Release().Expect(0);
        Assert.NotEqual(before, Contents());

        void Git(params string[] arguments) => Tool.Run(_api, "git", arguments).Expect(0);
    }

    private string[] Projects => [.. Directory.GetDirectories(_api).Where(folder => Path.GetFileName(folder) != ".git")
        .Order(StringComparer.Ordinal)];

    private ToolResult Release(params string[] arguments) =>
        Tool.Run(_folder.Path, "bash", [Path.Combine(_api, "release.sh"), .. arguments]);

    private string[] Contents() => [.. Projects.SelectMany(project =>
        new[] { File.ReadAllText(Shipped(project)), File.ReadAllText(Unshipped(project)) })];

    private static string Shipped(string project) => Path.Combine(project, "PublicAPI.Shipped.txt");

    private static string Unshipped(string project) => Path.Combine(project, "PublicAPI.Unshipped.txt");

    private static string[] Entries(string file) => [.. File.ReadAllLines(file).Where(line => line != Header)];

    private static bool IsRemoval(string entry) => entry.StartsWith("*REMOVED*", StringComparison.Ordinal);
}
