namespace Determinism.Docs.Tests;

/// <summary>Documents do not rot: each piece of C# in them stands, word for word, in a file that is compiled.</summary>
public sealed class SnippetTests
{
    private static readonly string[] s_folders = ["docs", "src", "samples", "bench"];

    public static TheoryData<string> Documents =>
    [
        "README.md",
        .. s_folders.SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(Document.Root, folder), "*.md", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Document.Root, path))
            .Where(path => !path.Contains("obj", StringComparison.Ordinal) && !path.Contains("packages", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_piece_of_code_is_compiled_somewhere(string path)
    {
        foreach (CodeBlock block in Document.Read(path).Blocks("csharp"))
        {
            Assert.True(block.CompiledIn is not null, $"{path} does not say where this is compiled:\n{block.Text}");
            string source = Flatten(File.ReadAllText(Path.Combine(Document.Root, block.CompiledIn)));
            Assert.True(source.Contains(Flatten(block.Text), StringComparison.Ordinal),
                $"{path} shows what {block.CompiledIn} does not have:\n{block.Text}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_somewhere(string path)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Document.Root, path))!;
        foreach (string piece in File.ReadAllText(Path.Combine(Document.Root, path)).Split("](").Skip(1))
        {
            string target = piece.Split(')')[0].Split('#')[0];
            if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                Assert.True(Path.Exists(Path.Combine(folder, target)), $"{path} links to {target}, which is not there.");
        }
    }

    private static string Flatten(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)) + '\n';
}
