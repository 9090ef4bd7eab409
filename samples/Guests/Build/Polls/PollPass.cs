using System.Globalization;
using System.Text;

namespace Determinism.Guests.Build.Polls;

/// <summary>
/// Puts the software counter's poll into every cycle of compiled code: at every loop head, and at the entry of
/// every function that calls. Rule and proof: docs/decisions/003-polls-by-assembler-pass.md.
/// </summary>
public static class PollPass
{
    /// <summary>Returns the text with its polls.</summary>
    /// <param name="text">What gcc -S -ffixed-r15 -fno-jump-tables -fno-optimize-sibling-calls wrote.</param>
    /// <param name="file">The name of the text in refusals.</param>
    /// <exception cref="PollPassException">A cycle has no place for a poll, or the text cannot be followed.</exception>
    public static string Insert(string text, string file)
    {
        var statements = AssemblerStatement.Parse(text);
        var output = new StringBuilder(text.Length + (text.Length >> 2));
        var functions = new HashSet<string>(StringComparer.Ordinal);
        var polls = 0;
        for (var i = 0; i < statements.Count; i++)
        {
            var statement = statements[i];
            if (statement is { Kind: AssemblerStatementKind.Directive, Name: ".type" }
                && statement.Operands.EndsWith("@function", StringComparison.Ordinal))
                functions.Add(statement.Operands[..statement.Operands.IndexOf(',')].Trim());
            Write(output, statement);
            if (statement.Kind == AssemblerStatementKind.Instruction)
                throw new PollPassException(file, statement.Line, "an instruction outside of a function");
            if (statement.Kind != AssemblerStatementKind.Label || !functions.Contains(statement.Name))
                continue;

            var end = EndOf(statements, i, file);
            var body = statements.GetRange(i + 1, end - i - 1);
            WriteWithPolls(output, body, PlacesOf(new AssemblerFunction(file, statement.Name, body)), ref polls);
            Write(output, statements[end]);
            i = end;
        }
        return output.ToString();
    }

    /// <summary>The instructions of a function before which a poll stands, by index.</summary>
    public static SortedSet<int> PlacesOf(AssemblerFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var places = new SortedSet<int>();
        if (function.Calls)
            places.Add(PlaceAtHead(function, 0) ?? Refused(function, 0));
        foreach (var loop in function.BackEdges.ToLookup(edge => edge.To, edge => edge.From))
        {
            if (PlaceAtHead(function, loop.Key) is { } place)
                places.Add(place);
            else
                foreach (var from in loop)
                    places.Add(PlaceBeforeJump(function, from) ?? Refused(function, from));
        }
        return places;
    }

    // Straight-line code after the head is passed as often as the head itself.
    private static int? PlaceAtHead(AssemblerFunction function, int head)
    {
        for (var at = head; ; at++)
        {
            if (function.FlagsAreDeadBefore(at))
                return at;
            if (!function.IsStraight(at))
                return null;
        }
    }

    // Straight-line code before the jump back, down to where other paths join, is passed by every turn that
    // takes this jump.
    private static int? PlaceBeforeJump(AssemblerFunction function, int jump)
    {
        for (var at = jump; ; at--)
        {
            if (function.FlagsAreDeadBefore(at))
                return at;
            if (at == 0 || function.IsLabelled(at) || !function.IsStraight(at - 1))
                return null;
        }
    }

    private static int Refused(AssemblerFunction function, int index)
    {
        var instruction = function.Instructions[index];
        function.Refuse(instruction.Line, $"flags are live all around the cycle in {function.Name} at: {instruction.Text}");
        return -1;
    }

    private static int EndOf(List<AssemblerStatement> statements, int label, string file)
    {
        for (var i = label + 1; i < statements.Count; i++)
        {
            if (statements[i] is { Kind: AssemblerStatementKind.Directive, Name: ".size" }
                && statements[i].Operands.StartsWith(statements[label].Name + ",", StringComparison.Ordinal))
                return i;
        }
        throw new PollPassException(file, statements[label].Line, "no .size for the function " + statements[label].Name);
    }

    private static void WriteWithPolls(
        StringBuilder output, List<AssemblerStatement> body, SortedSet<int> places, ref int polls)
    {
        var first = polls;
        var instruction = 0;
        foreach (var statement in body)
        {
            if (statement.Kind == AssemblerStatementKind.Instruction && places.Contains(instruction++))
            {
                var number = (polls++).ToString(CultureInfo.InvariantCulture);
                output.Append("\tincq\t%r15\n\tcmpq\t%gs:8, %r15\n\tjae\t.Lpoll_trap").Append(number).Append('\n')
                    .Append(".Lpoll_resume").Append(number).Append(":\n");
            }
            Write(output, statement);
        }
        // The rare side stays inside the function, so that its symbol covers it.
        for (var number = first; number < polls; number++)
            output.Append(CultureInfo.InvariantCulture, $".Lpoll_trap{number}:\n\toutb\t%al, $0x10\n\tjmp\t.Lpoll_resume{number}\n");
    }

    private static void Write(StringBuilder output, in AssemblerStatement statement) =>
        output.Append(statement.Kind == AssemblerStatementKind.Label ? "" : "\t").Append(statement.Text).Append('\n');
}
