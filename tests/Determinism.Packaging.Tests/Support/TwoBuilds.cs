namespace Determinism.Packaging.Tests.Support;

/// <summary>All packages, built twice: in folders of different names and depths.</summary>
public sealed class TwoBuilds : IDisposable
{
    public const string Name = "packages built twice";

    private readonly TemporaryFolder _folder = new();

    public TwoBuilds()
    {
        FirstCopy = new SourceCopy(Path.Combine(_folder.Path, "one"));
        SecondCopy = new SourceCopy(Path.Combine(_folder.Path, "another", "and", "deeper"));
        First = FirstCopy.Pack();
        Second = SecondCopy.Pack();
    }

    internal SourceCopy FirstCopy { get; }

    internal SourceCopy SecondCopy { get; }

    internal IReadOnlyList<Package> First { get; }

    internal IReadOnlyList<Package> Second { get; }

    public void Dispose() => _folder.Dispose();
}
