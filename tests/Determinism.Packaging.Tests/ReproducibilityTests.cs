using Determinism.Packaging.Tests.Support;

namespace Determinism.Packaging.Tests;

[Collection(TwoBuilds.Name)]
public class ReproducibilityTests(TwoBuilds builds, ITestOutputHelper output)
{
    [Fact]
    public void Packages_are_identical_in_every_bit_wherever_they_are_built()
    {
        string[] first = Hashes(builds.First);
        foreach (string hash in first)
            output.WriteLine(hash);
        Assert.Equal(first, Hashes(builds.Second));
    }

    [Fact]
    public void Every_project_becomes_a_package()
    {
        string sources = Path.Combine(builds.FirstCopy.Folder, "src");
        string[] projects = [.. Directory.GetFiles(sources, "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(projects);
        Assert.Equal(projects, builds.First.Select(package => package.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_names_a_folder_of_the_computer_that_built_it()
    {
        var search = new PathSearch(builds.FirstCopy.Folder, builds.SecondCopy.Folder);
        Assert.Empty(builds.First.Concat(builds.Second).SelectMany(search.Find));
    }

    [Fact]
    public void Debuggers_see_all_sources_below_one_neutral_folder()
    {
        foreach (Package symbols in builds.First.Select(package => package.Symbols))
        {
            foreach (string name in symbols.FilesNamed(".pdb"))
            {
                using var file = new SymbolFile(symbols.Files[name]);
                Assert.NotEmpty(file.Documents);
                Assert.All(file.Documents, document => Assert.StartsWith("/_/", document, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void The_search_finds_folders_where_paths_are_kept()
    {
        using var folder = new TemporaryFolder();
        var copy = new SourceCopy(Path.Combine(folder.Path, "kept"));
        Package package =
            Assert.Single(copy.Pack("src/Determinism.Abstractions", "-p:ContinuousIntegrationBuild=false"));
        string[] found = [.. new PathSearch(copy.Folder).Find(package)];
        Assert.Contains(found, place => place.EndsWith(".dll", StringComparison.Ordinal));
        Assert.Contains(found, place => place.EndsWith(".pdb", StringComparison.Ordinal));
        Assert.Contains(found, place => place.Contains(".cs in ", StringComparison.Ordinal));
    }

    private static string[] Hashes(IEnumerable<Package> packages) =>
        [.. packages.SelectMany(package => new[] { package, package.Symbols })
            .Select(package => $"{package.Hash}  {Path.GetFileName(package.FilePath)}")];
}
