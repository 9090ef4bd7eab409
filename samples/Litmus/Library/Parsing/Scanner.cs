using System.Globalization;

namespace Determinism.Litmus;

/// <summary>Goes through a file's text.</summary>
internal sealed class Scanner(string text)
{
    public int Position { get; set; }

    public string Text { get; } = text;

    public bool IsAtEnd
    {
        get
        {
            SkipSpace();
            return Position == Text.Length;
        }
    }

    public char Next
    {
        get
        {
            SkipSpace();
            return Position < Text.Length ? Text[Position] : '\0';
        }
    }

    public void SkipSpace()
    {
        while (Position < Text.Length && char.IsWhiteSpace(Text[Position]))
            Position++;
    }

    /// <summary>Takes a mark, if it is next.</summary>
    public bool TryTake(string mark)
    {
        SkipSpace();
        if (string.CompareOrdinal(Text, Position, mark, 0, mark.Length) != 0)
            return false;
        Position += mark.Length;
        return true;
    }

    public void Take(string mark)
    {
        if (!TryTake(mark))
            throw Fail($"'{mark}' was expected");
    }

    /// <summary>The word that is next: letters, digits, underscores, dots; empty if there is none.</summary>
    public string PeekWord()
    {
        SkipSpace();
        int end = Position;
        while (end < Text.Length && (char.IsAsciiLetterOrDigit(Text[end]) || Text[end] is '_' or '.'))
            end++;
        return Text[Position..end];
    }

    public string TakeWord(string what)
    {
        string word = PeekWord();
        if (word.Length == 0)
            throw Fail($"{what} was expected");
        Position += word.Length;
        return word;
    }

    /// <summary>Takes a word if it is next.</summary>
    public bool TryTakeWord(string word)
    {
        if (PeekWord() != word)
            return false;
        Position += word.Length;
        return true;
    }

    /// <summary>Takes a whole number: decimal or hexadecimal, with a sign or without.</summary>
    public long TakeNumber()
    {
        bool isNegative = TryTake("-");
        if (!isNegative)
            TryTake("+");
        string word = TakeWord("a number");
        bool isHexadecimal = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool isNumber = isHexadecimal
            ? ulong.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            : ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (!isNumber)
            throw Fail($"'{word}' is no number of 64 bits");
        return isNegative ? -(long)value : (long)value;
    }

    /// <summary>A number, or the name of a variable, with an ampersand or without.</summary>
    public LitmusValue TakeValue()
    {
        bool isAddress = TryTake("&");
        string word = PeekWord();
        if (!isAddress && (word.Length == 0 || char.IsAsciiDigit(word[0])))
            return new LitmusValue(TakeNumber(), null);
        return new LitmusValue(0, TakeWord("a variable"));
    }

    public LitmusFormatException Fail(string what)
    {
        int line = 1 + Text.AsSpan(0, Math.Min(Position, Text.Length)).Count('\n');
        return new LitmusFormatException($"line {line}: {what}");
    }
}
