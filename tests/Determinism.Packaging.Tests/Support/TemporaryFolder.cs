namespace Determinism.Packaging.Tests.Support;

/// <summary>A folder that is deleted at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("packaging-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
