using System.Text;

namespace Determinism.Packaging.Tests.Support;

/// <summary>Looks for folders of the computer that built a package in what it built.</summary>
internal sealed class PathSearch
{
    private readonly string[] _folders;

    public PathSearch(params IEnumerable<string> folders)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        _folders = [.. folders, .. home.Length > 1 ? [home + Path.DirectorySeparatorChar] : Array.Empty<string>()];
    }

    /// <summary>What of a package names a folder.</summary>
    public IEnumerable<string> Find(Package package)
    {
        foreach (string library in package.Libraries.Where(library => Contains(package.Files[library])))
            yield return $"{package.Id}: {library}";
        Package symbols = package.Symbols;
        foreach (string name in symbols.FilesNamed(".pdb"))
        {
            using var file = new SymbolFile(symbols.Files[name]);
            if (Contains(symbols.Files[name]) || file.EmbeddedSources.Any(Contains))
                yield return $"{package.Id}: {name}";
            foreach (string document in file.Documents.Where(document => Contains(Encoding.UTF8.GetBytes(document))))
                yield return $"{package.Id}: {document} in {name}";
        }
    }

    private bool Contains(byte[] content) => _folders.Any(folder =>
        content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(folder)) >= 0
        || content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(folder)) >= 0);
}
