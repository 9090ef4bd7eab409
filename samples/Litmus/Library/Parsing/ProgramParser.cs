using System.Globalization;
using System.Text.RegularExpressions;

namespace Determinism.Litmus;

/// <summary>Reads the table of a test's threads: one column each, one instruction a row.</summary>
internal static partial class ProgramParser
{
    private static readonly string[] s_ends = ["locations", "exists", "forall", "filter", "not", "observed"];

    /// <summary>Reads it, up to what follows.</summary>
    /// <param name="scanner">Where it stands.</param>
    /// <param name="isAttByDefault">What the syntax is if nothing in the code tells.</param>
    /// <param name="bytesOf">The size of a variable; 0 if none is told.</param>
    public static List<LitmusThread> Parse(Scanner scanner, bool isAttByDefault, Func<string, int> bytesOf)
    {
        List<(string[] Cells, int Line)> rows = TakeRows(scanner);
        if (rows.Count == 0)
            throw scanner.Fail("there are no threads");
        CheckHeader(rows[0].Cells, rows[0].Line);
        rows.RemoveAt(0);
        string code = string.Join('\n', rows.SelectMany(static row => row.Cells));
        var instructions = new InstructionParser(IsAtt(code, isAttByDefault), bytesOf);
        return [.. Enumerable.Range(0, rows.Count == 0 ? 0 : rows[0].Cells.Length)
            .Select(thread => ParseThread(rows, thread, instructions))];
    }

    private static List<(string[] Cells, int Line)> TakeRows(Scanner scanner)
    {
        var rows = new List<(string[] Cells, int Line)>();
        while (!scanner.IsAtEnd && scanner.Next is not ('~' or '<') && !s_ends.Contains(scanner.PeekWord()))
        {
            int start = scanner.Position;
            int end = scanner.Text.IndexOf(';', start);
            if (end < 0)
                throw scanner.Fail("a row of the program has no semicolon");
            string[] cells = scanner.Text[start..end].Split('|');
            if (rows.Count > 0 && rows[0].Cells.Length != cells.Length)
                throw scanner.Fail($"a row has {cells.Length} columns, and there are {rows[0].Cells.Length} threads");
            rows.Add((cells, 1 + scanner.Text.AsSpan(0, start).Count('\n')));
            scanner.Position = end + 1;
        }
        return rows;
    }

    private static void CheckHeader(string[] cells, int line)
    {
        if (cells.Length > LitmusParser.MostThreads)
            throw new LitmusFormatException($"line {line}: more than {LitmusParser.MostThreads} threads");
        for (int thread = 0; thread < cells.Length; thread++)
        {
            if (cells[thread].Trim() != string.Create(CultureInfo.InvariantCulture, $"P{thread}"))
                throw new LitmusFormatException(
                    $"line {line}: column {thread + 1} is headed '{cells[thread].Trim()}', not P{thread}");
        }
    }

    private static bool IsAtt(string code, bool isAttByDefault)
    {
        if (code.Contains('%', StringComparison.Ordinal) || ConstantFirst().IsMatch(code))
            return true;
        string[] words = code.Split([' ', '\t', '\n', ',', '(', ')', '+', '*'], StringSplitOptions.RemoveEmptyEntries);
        bool isIntel = code.Contains('[', StringComparison.Ordinal)
            || words.Any(static word => RegisterNames.TryFind(word, out _));
        return !isIntel && isAttByDefault;
    }

    // Nothing is stored into a constant: where one comes first, sources do.
    [GeneratedRegex(@"\w[ \t]+\$[^,\n]*,")]
    private static partial Regex ConstantFirst();

    private static LitmusThread ParseThread(List<(string[] Cells, int Line)> rows, int thread, InstructionParser parser)
    {
        var instructions = new List<LitmusInstruction>();
        var labels = new Dictionary<string, int>();
        foreach ((string[] cells, int line) in rows)
        {
            try
            {
                string text = TakeLabels(cells[thread], instructions.Count, labels);
                if (text.Length > 0)
                    instructions.Add(parser.Parse(text));
                if (instructions.Count > LitmusParser.MostInstructions)
                    throw new LitmusFormatException($"a thread has more than {LitmusParser.MostInstructions} instructions");
            }
            catch (LitmusFormatException error)
            {
                throw new LitmusFormatException($"line {line}: {error.Message}", error);
            }
        }
        foreach (LabelOperand jump in instructions.SelectMany(static one => one.Operands).OfType<LabelOperand>())
        {
            if (!labels.ContainsKey(jump.Name))
                throw new LitmusFormatException($"thread {thread} jumps to '{jump.Name}', which is nowhere");
        }
        return new LitmusThread(instructions, labels);
    }

    private static string TakeLabels(string cell, int index, Dictionary<string, int> labels)
    {
        string text = cell.Trim();
        while (text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
        {
            string label = text[..colon].Trim();
            // What has a colon and is no label, such as a segment, is left for the instruction.
            if (label.Any(static c => !(char.IsAsciiLetterOrDigit(c) || c is '_' or '.')))
                break;
            if (!labels.TryAdd(label, index))
                throw new LitmusFormatException($"the label '{label}' stands twice");
            text = text[(colon + 1)..].Trim();
        }
        return text;
    }
}
