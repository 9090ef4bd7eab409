namespace Determinism.Docs.Tests;

/// <summary>A block of code in a document, and the file that it says it is compiled in.</summary>
internal sealed record CodeBlock(string Language, string Text, string? CompiledIn);

/// <summary>A Markdown file of the repository.</summary>
internal sealed class Document(string text)
{
    private const string Fence = "```";
    private const string Mark = "<!-- compiled in ";

    public static string Root { get; } = FindRoot();

    public static Document Read(string path) => new(File.ReadAllText(Path.Combine(Root, path)));

    public IEnumerable<CodeBlock> Blocks(string language) => Blocks().Where(block => block.Language == language);

    private IEnumerable<CodeBlock> Blocks()
    {
        string[] lines = text.Split('\n');
        for (int at = 0; at < lines.Length; at++)
        {
            if (!lines[at].StartsWith(Fence, StringComparison.Ordinal))
                continue;
            int end = Array.FindIndex(lines, at + 1, line => line.StartsWith(Fence, StringComparison.Ordinal));
            string above = at > 0 ? lines[at - 1].Trim() : "";
            string? mark = above.StartsWith(Mark, StringComparison.Ordinal) ? above[Mark.Length..].Split(' ')[0] : null;
            yield return new CodeBlock(lines[at][Fence.Length..].Trim(), string.Join('\n', lines[(at + 1)..end]), mark);
            at = end;
        }
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Determinism.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run inside the repository.");
        return folder;
    }
}
