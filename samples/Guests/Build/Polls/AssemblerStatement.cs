namespace Determinism.Guests.Build.Polls;

/// <summary>What a statement of assembler text is.</summary>
public enum AssemblerStatementKind
{
    /// <summary>A label, without its colon in <see cref="AssemblerStatement.Name"/>.</summary>
    Label,

    /// <summary>A directive, its name with the dot.</summary>
    Directive,

    /// <summary>An instruction, its name without prefixes and with the size suffix.</summary>
    Instruction,
}

/// <summary>One label, directive or instruction of the text that gcc -S writes (AT&amp;T syntax).</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Line">The line it stands in, from 1.</param>
/// <param name="Name">The name of the label, the directive or the instruction.</param>
/// <param name="Operands">What follows the name, trimmed.</param>
/// <param name="Text">The statement as it is written.</param>
public readonly record struct AssemblerStatement(
    AssemblerStatementKind Kind, int Line, string Name, string Operands, string Text)
{
    private static readonly HashSet<string> Prefixes = ["lock", "rep", "repe", "repz", "repne", "repnz", "notrack"];

    /// <summary>Splits a text into its statements; comments and empty lines are dropped.</summary>
    public static List<AssemblerStatement> Parse(string text)
    {
        var statements = new List<AssemblerStatement>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var prefix = "";
            foreach (var part in SplitAtSemicolons(WithoutComment(line)))
            {
                var rest = TakeLabels(part.Trim(), number, statements);
                if (rest.Length == 0)
                    continue;
                // gcc may write "lock;" and the instruction it belongs to as two statements.
                if (Prefixes.Contains(rest))
                {
                    prefix += rest + " ";
                    continue;
                }
                statements.Add(rest[0] == '.' ? Directive(rest, number) : Instruction(prefix + rest, number));
                prefix = "";
            }
        }
        return statements;
    }

    private static string TakeLabels(string text, int line, List<AssemblerStatement> statements)
    {
        while (true)
        {
            var end = 0;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '.' or '_' or '$'))
                end++;
            if (end == 0 || end == text.Length || text[end] != ':')
                return text;
            var name = text[..end];
            statements.Add(new(AssemblerStatementKind.Label, line, name, "", name + ":"));
            text = text[(end + 1)..].TrimStart();
        }
    }

    private static AssemblerStatement Directive(string text, int line)
    {
        var (name, operands) = Cut(text);
        return new(AssemblerStatementKind.Directive, line, name, operands, text);
    }

    private static AssemblerStatement Instruction(string text, int line)
    {
        var (name, operands) = Cut(text);
        while (Prefixes.Contains(name))
            (name, operands) = Cut(operands);
        return new(AssemblerStatementKind.Instruction, line, name, operands, text);
    }

    private static (string Name, string Operands) Cut(string text)
    {
        var space = text.AsSpan().IndexOfAny(' ', '\t');
        return space < 0 ? (text, "") : (text[..space], text[space..].Trim());
    }

    private static string WithoutComment(string line)
    {
        var at = IndexOutsideStrings(line, '#');
        return at < 0 ? line : line[..at];
    }

    private static IEnumerable<string> SplitAtSemicolons(string line)
    {
        while (IndexOutsideStrings(line, ';') is var at and >= 0)
        {
            yield return line[..at];
            line = line[(at + 1)..];
        }
        yield return line;
    }

    private static int IndexOutsideStrings(string line, char wanted)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (quoted && line[i] == '\\')
                i++;
            else if (line[i] == '"')
                quoted = !quoted;
            else if (!quoted && line[i] == wanted)
                return i;
        }
        return -1;
    }
}
