using Determinism.Packaging.Tests.Support;

namespace Determinism.Packaging.Tests;

[Collection(TwoBuilds.Name)]
public class SourceLinkTests(TwoBuilds builds)
{
    [Fact]
    public void Without_a_public_repository_nothing_is_linked() => Assert.All(builds.First, package =>
    {
        Assert.All(SourceLinksOf(package), Assert.Null);
        Assert.Null(package.Element("repository")?.Attribute("url"));
    });

    [SkippableFact]
    public void With_a_public_repository_debuggers_fetch_the_commit_s_sources_from_it()
    {
        Skip.If(Tool.Find("git", "git.exe") is null, "git is not installed.");
        using var folder = new TemporaryFolder();
        var copy = new SourceCopy(Path.Combine(folder.Path, "public"));
        Git("init", "-q");
        Git("remote", "add", "origin", "https://github.com/example/example");
        Git("add", ".");
        Git("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "commit", "-q", "-m", "All");
        string commit = Git("rev-parse", "HEAD").Output.Trim().Split('\n')[^1];

        Package package = Assert.Single(copy.Pack("src/Determinism.Abstractions"));

        Assert.NotEmpty(SourceLinksOf(package));
        Assert.All(SourceLinksOf(package), link => Assert.Equal(
            $$$"""{"documents":{"/_/*":"https://raw.githubusercontent.com/example/example/{{{commit}}}/*"}}""", link));
        Assert.Equal("https://github.com/example/example", package.Element("repository")!.Attribute("url")!.Value);
        Assert.Equal(commit, package.Element("repository")!.Attribute("commit")!.Value);
        Assert.Empty(new PathSearch(copy.Folder).Find(package));

        ToolResult Git(params string[] arguments) => Tool.Run(copy.Folder, "git", arguments).Expect(0);
    }

    private static IEnumerable<string?> SourceLinksOf(Package package)
    {
        Package symbols = package.Symbols;
        foreach (string name in symbols.FilesNamed(".pdb"))
        {
            using var file = new SymbolFile(symbols.Files[name]);
            yield return file.SourceLink;
        }
    }
}
