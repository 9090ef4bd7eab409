using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Determinism.Packaging.Tests.Support;

/// <summary>A package, or a symbol package.</summary>
internal sealed class Package
{
    private readonly XElement _metadata;

    public Package(string path)
    {
        FilePath = path;
        using ZipArchive archive = ZipFile.OpenRead(path);
        Files = archive.Entries.ToDictionary(entry => entry.FullName, Read, StringComparer.Ordinal);
        using var nuspec = new MemoryStream(Files.Single(file => file.Key.EndsWith(".nuspec", StringComparison.Ordinal)).Value);
        _metadata = XDocument.Load(nuspec).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
    }

    public string FilePath { get; }

    public IReadOnlyDictionary<string, byte[]> Files { get; }

    public string Id => this["id"]!;

    public string Hash => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(FilePath)));

    public Package Symbols => new(Path.ChangeExtension(FilePath, ".snupkg"));

    /// <summary>This project's libraries in it; a tool comes with others', too.</summary>
    public IEnumerable<string> Libraries => FilesNamed(".dll").Where(name =>
        Path.GetFileName(name).StartsWith("Determinism", StringComparison.Ordinal));

    /// <summary>What each target framework needs: "framework: package package".</summary>
    public IEnumerable<string> Dependencies => (Element("dependencies")?.Elements() ?? []).Select(group =>
        $"{group.Attribute("targetFramework")!.Value}: "
        + string.Join(' ', group.Elements().Select(package => package.Attribute("id")!.Value).Order(StringComparer.Ordinal)));

    /// <summary>An element of the package's metadata, or null.</summary>
    public string? this[string name] => Element(name)?.Value;

    public XElement? Element(string name) =>
        _metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name);

    public IEnumerable<string> FilesNamed(string extension) =>
        Files.Keys.Where(name => name.EndsWith(extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public string Text(string name) => Encoding.UTF8.GetString(Files[name]);

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
