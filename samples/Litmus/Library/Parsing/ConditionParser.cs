using System.Globalization;

namespace Determinism.Litmus;

/// <summary>Reads conditions: <c>/\</c>, <c>\/</c>, <c>~</c> or <c>not</c>, <c>=&gt;</c>, parentheses, equalities.</summary>
internal sealed class ConditionParser(Scanner scanner, Func<string, Place> variable, Func<int, RegisterOperand, Place> register)
{
    private const int MostDepth = 200;

    private int _depth;

    public Condition Parse()
    {
        Condition left = ParseAny();
        // a => b is ~a \/ b.
        return scanner.TryTake("=>") ? new JoinedCondition([new NotCondition(left), Nested(Parse)], false) : left;
    }

    /// <summary>A place: <c>0:rax</c>, <c>x</c> or <c>[x]</c>.</summary>
    public Place ParsePlace()
    {
        bool isBracketed = scanner.TryTake("[");
        string word = scanner.TakeWord("a variable or a register");
        if (!isBracketed && scanner.TryTake(":"))
        {
            RegisterOperand found = TakeRegister(scanner, word, out int thread);
            return register(thread, found);
        }
        if (isBracketed)
            scanner.Take("]");
        if (char.IsAsciiDigit(word[0]))
            throw scanner.Fail($"'{word}' is no name of a variable");
        return variable(word);
    }

    /// <summary>Takes a register's name behind <c>thread:</c>.</summary>
    public static RegisterOperand TakeRegister(Scanner scanner, string threadText, out int thread)
    {
        ReadOnlySpan<char> digits = threadText.AsSpan().TrimStart('P');
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out thread))
            throw scanner.Fail($"'{threadText}' is no number of a thread");
        scanner.TryTake("%");
        string name = scanner.TakeWord("a register");
        if (!RegisterNames.TryFind(name, out RegisterOperand? found))
            throw scanner.Fail($"'{name}' is no general register");
        return found;
    }

    private Condition ParseAny() => ParseJoined("\\/", isConjunction: false, ParseAll);

    private Condition ParseAll() => ParseJoined("/\\", isConjunction: true, ParseNot);

    private Condition ParseJoined(string mark, bool isConjunction, Func<Condition> parsePart)
    {
        Condition first = parsePart();
        if (!scanner.TryTake(mark))
            return first;
        var parts = new List<Condition> { first };
        do
            parts.Add(parsePart());
        while (scanner.TryTake(mark));
        return new JoinedCondition(parts, isConjunction);
    }

    private Condition ParseNot()
    {
        if (scanner.TryTake("~") || scanner.TryTakeWord("not"))
            return new NotCondition(Nested(ParseNot));
        if (scanner.TryTakeWord("true"))
            return new ConstantCondition(true);
        if (scanner.TryTakeWord("false"))
            return new ConstantCondition(false);
        if (!scanner.TryTake("("))
            return ParseEquality();
        Condition inner = Nested(Parse);
        scanner.Take(")");
        return inner;
    }

    private Condition ParseEquality()
    {
        Place place = ParsePlace();
        bool isNegated = scanner.TryTake("<>") || scanner.TryTake("!=");
        if (!isNegated && !scanner.TryTake("=="))
            scanner.Take("=");
        LitmusValue value = scanner.TakeValue();
        if (value.Symbol is not null)
            variable(value.Symbol);
        var equal = new EqualCondition(place, value);
        return isNegated ? new NotCondition(equal) : equal;
    }

    private Condition Nested(Func<Condition> parse)
    {
        if (++_depth > MostDepth)
            throw scanner.Fail($"a condition is nested more than {MostDepth} deep");
        Condition result = parse();
        _depth--;
        return result;
    }
}
