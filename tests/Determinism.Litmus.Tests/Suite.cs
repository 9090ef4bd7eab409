namespace Determinism.Litmus.Tests;

/// <summary>The litmus tests of the sample.</summary>
internal static class Suite
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Suite");

    public static IReadOnlyList<LitmusFile> Files { get; } = LitmusFile.ReadFolder(Folder);

    /// <summary>The tests by their names; a coherence test of the same name comes second.</summary>
    public static LitmusTest Find(string name) => Files.First(file => file.Test?.Name == name).Test!;
}
