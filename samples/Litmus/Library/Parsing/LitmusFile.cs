namespace Determinism.Litmus;

/// <summary>A file that was to hold a litmus test.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Test">The test; null if it cannot be read.</param>
/// <param name="Problem">Why it cannot; null if it can.</param>
public sealed record LitmusFile(string Path, LitmusTest? Test, string? Problem)
{
    /// <summary>Reads all files of a folder and its folders that are named <c>*.litmus</c>, by their paths.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">The folder is missing, or cannot be read.</exception>
    public static IReadOnlyList<LitmusFile> ReadFolder(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.litmus", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    public static LitmusFile Read(string path)
    {
        try
        {
            return new LitmusFile(path, LitmusParser.Parse(File.ReadAllText(path)), null);
        }
        catch (Exception error) when (error is LitmusFormatException or IOException or UnauthorizedAccessException)
        {
            return new LitmusFile(path, null, error.Message);
        }
    }
}
