namespace Determinism.Packaging.Tests.Support;

/// <summary>A copy of the sources in some folder: what packing needs, nothing that was built, and no repository.</summary>
internal sealed class SourceCopy
{
    private static readonly string[] s_folders = ["api", "src", "samples/CustomBackend", "samples/Guests", "tests/AotSmoke"];

    public SourceCopy(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(RepositoryRoot).Where(file => Path.GetFileName(file) != ".git"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        foreach (string part in s_folders)
            CopyFolder(Path.Combine(RepositoryRoot, part), Path.Combine(folder, part));
        File.Copy(Path.Combine(RepositoryRoot, "tests/Directory.Build.props"),
            Path.Combine(folder, "tests/Directory.Build.props"));
    }

    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    public string Folder { get; }

    /// <summary>Packs everything, or one project. The analyzers have had their say when the tests were built.</summary>
    public IReadOnlyList<Package> Pack(string project = "src/Packages.proj", params string[] properties)
    {
        string target = Path.Combine(Folder, "artifacts");
        Tool.RunDotnet(Folder, ["pack", project, "-c", "Release", "-o", target, "-v", "quiet",
            "-p:RunAnalyzers=false", .. properties]).Expect(0);
        return [.. Directory.EnumerateFiles(target, "*.nupkg").Order(StringComparer.Ordinal).Select(path => new Package(path))];
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string folder in Directory.EnumerateDirectories(from).Where(folder => !IsBuilt(folder)))
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    // The guests' binaries are in a folder bin, too, and are sources here.
    private static bool IsBuilt(string folder) => Path.GetFileName(folder) is "feed" or "packages"
        || (Path.GetFileName(folder) is "obj" or "bin"
            && Directory.EnumerateFiles(Path.GetDirectoryName(folder)!, "*.csproj").Any());

    private static string FindRepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Determinism.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("These tests run inside the repository.");
    }
}
