using System.Text;

namespace Determinism.Litmus;

/// <summary>A file's text without its comments; every line stays where it is.</summary>
internal static class SourceText
{
    /// <summary>Takes out <c>(* ... *)</c>, nested or not, and lines that begin with <c>#</c> or <c>//</c>.</summary>
    public static string WithoutComments(string text)
    {
        var kept = new StringBuilder(text.Length);
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            char next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (text[at] == '(' && next == '*')
            {
                depth++;
                at++;
            }
            else if (text[at] == '*' && next == ')' && depth > 0)
            {
                depth--;
                at++;
                kept.Append(' ');
            }
            else if (depth == 0 || text[at] == '\n')
            {
                kept.Append(text[at]);
            }
        }
        if (depth > 0)
            throw new LitmusFormatException("a comment has no end");
        string[] lines = kept.ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        return string.Join('\n', lines.Select(static line => IsComment(line) ? "" : line));
    }

    private static bool IsComment(string line)
    {
        ReadOnlySpan<char> start = line.AsSpan().TrimStart();
        return start.StartsWith("#") || start.StartsWith("//");
    }
}
