using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Determinism.Packaging.Tests.Support;

namespace Determinism.Packaging.Tests;

[Collection(TwoBuilds.Name)]
public class PackageContentTests(TwoBuilds builds)
{
    // What a user of a package gets with it.
    private static readonly Dictionary<string, string[]> s_dependencies = new()
    {
        ["Determinism.Abstractions"] = ["net10.0: ", ".NETStandard2.0: Microsoft.Bcl.TimeProvider System.Memory"],
        ["Determinism"] = ["net10.0: Determinism.Abstractions K4os.Compression.LZ4 System.IO.Hashing",
            ".NETStandard2.0: Determinism.Abstractions K4os.Compression.LZ4 Microsoft.Bcl.TimeProvider System.IO.Hashing System.Memory"],
        ["Determinism.X86"] = ["net10.0: Determinism.Abstractions Iced"],
        ["Determinism.Machine"] = ["net10.0: Determinism Determinism.X86"],
        ["Determinism.Debugging"] = ["net10.0: "],
        ["Determinism.Emulation"] = ["net10.0: Determinism.Debugging Determinism.Machine"],
        ["Determinism.Kvm"] = ["net10.0: Determinism.Machine"],
        ["Determinism.Extensions.DependencyInjection"] = ["net10.0: Determinism Microsoft.Extensions.DependencyInjection "
            + "Microsoft.Extensions.Logging.Abstractions Microsoft.Extensions.Options"],
        ["Determinism.Conformance"] = ["net10.0: Determinism.Abstractions xunit.assert xunit.extensibility.core",
            ".NETStandard2.0: Determinism.Abstractions System.Memory xunit.assert xunit.extensibility.core"],
        // A tool has all that it needs in it.
        ["Determinism.Tool"] = [],
    };

    [Fact]
    public void Packages_need_what_the_table_says_and_no_more()
    {
        foreach (Package package in builds.First)
        {
            Assert.True(s_dependencies.TryGetValue(package.Id, out string[]? expected), $"{package.Id} is not in the table.");
            Assert.Equal(expected.Order(StringComparer.Ordinal), package.Dependencies.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_core_knows_no_instruction_set()
    {
        Package core = builds.First.Single(package => package.Id == "Determinism");
        foreach (string library in core.Libraries)
        {
            using PEReader file = Open(core, library);
            MetadataReader reader = file.GetMetadataReader();
            string[] references = [.. reader.AssemblyReferences
                .Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
            Assert.Contains("Determinism.Abstractions", references);
            Assert.DoesNotContain("Iced", references);
            Assert.DoesNotContain("Determinism.X86", references);
        }
    }

    [Fact]
    public void Packages_say_what_they_are() => Assert.All(builds.First, package =>
    {
        Assert.StartsWith($"# {package.Id}\n", package.Text(package["readme"]!), StringComparison.Ordinal);
        Assert.Equal("expression", package.Element("license")!.Attribute("type")!.Value);
        Assert.Equal("MIT", package["license"]);
        Assert.Contains("The Determinism SDK authors", package["copyright"], StringComparison.Ordinal);
        Assert.NotEqual("Package Description", package["description"]);
        Assert.Contains("record-replay", package["tags"]!.Split(' '));
    });

    [Fact]
    public void Packages_have_tags_of_their_own() =>
        Assert.Equal(builds.First.Count, builds.First.Select(package => package["tags"]).Distinct().Count());

    [Fact]
    public void Libraries_come_with_their_documentation_and_symbols() => Assert.All(builds.First, package =>
    {
        Assert.NotEmpty(package.Libraries);
        Package symbols = package.Symbols;
        foreach (string library in package.Libraries)
        {
            Assert.Contains(Path.ChangeExtension(library, ".xml"), package.Files.Keys);
            using var file = new SymbolFile(symbols.Files[Path.ChangeExtension(library, ".pdb")]);
            Assert.Equal(SymbolsOf(package, library), file.Id);
        }
    });

    [Fact]
    public void Libraries_can_be_trimmed() => Assert.All(builds.First, package => Assert.All(
        package.Libraries.Where(library => library.StartsWith("lib/net10.0/", StringComparison.Ordinal)),
        library => Assert.Contains("IsTrimmable", package.Text(library), StringComparison.Ordinal)));

    [Fact]
    public void A_package_without_a_readme_fails_the_build()
    {
        using var folder = new TemporaryFolder();
        var copy = new SourceCopy(Path.Combine(folder.Path, "bare"));
        File.Delete(Path.Combine(copy.Folder, "src/Determinism.Abstractions/README.md"));
        ToolResult result = Tool.RunDotnet(copy.Folder, "pack", "src/Determinism.Abstractions", "-v", "quiet").Expect(1);
        Assert.Contains("Determinism.Abstractions is packed and needs a README.md", result.Output, StringComparison.Ordinal);
    }

    private static PEReader Open(Package package, string library) => new(new MemoryStream(package.Files[library]));

    private static BlobContentId SymbolsOf(Package package, string library)
    {
        using PEReader file = Open(package, library);
        DebugDirectoryEntry entry = file.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.CodeView);
        return new BlobContentId(file.ReadCodeViewDebugDirectoryData(entry).Guid, entry.Stamp);
    }
}
