namespace Determinism.Litmus;

/// <summary>Reads one operand, as AT&amp;T or as Intel write them.</summary>
/// <param name="isAtt">Whether registers have a percent sign and constants a dollar sign.</param>
internal sealed class OperandParser(bool isAtt)
{
    /// <summary>Reads an operand.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="bytes">The size that it states itself (<c>dword ptr</c>, a register's); 0 for none.</param>
    public Operand Parse(string text, out int bytes)
    {
        var scanner = new Scanner(text);
        bytes = TakeSizeKeyword(scanner);
        Operand operand = ParseOne(scanner);
        if (!scanner.IsAtEnd)
            throw Refuse(text);
        if (operand is RegisterOperand register)
            bytes = register.Bytes;
        return operand;
    }

    private Operand ParseOne(Scanner scanner)
    {
        if (scanner.TryTake("$"))
            return ParseImmediate(scanner);
        if (scanner.Next == '%')
            return TakeRegister(scanner);
        string word = scanner.PeekWord();
        if (word.Equals("offset", StringComparison.OrdinalIgnoreCase))
        {
            scanner.Position += word.Length;
            return ParseImmediate(scanner);
        }
        if (RegisterNames.TryFind(word, out _))
            return TakeRegister(scanner);
        bool isNumber = scanner.Next == '-' || (word.Length > 0 && char.IsAsciiDigit(word[0]));
        if (!isAtt && isNumber && !scanner.Text.Contains('[', StringComparison.Ordinal))
            return new ImmediateOperand(scanner.TakeNumber(), null);
        return ParseAddress(scanner);
    }

    private static ImmediateOperand ParseImmediate(Scanner scanner)
    {
        LitmusValue value = scanner.TakeValue();
        long offset = value.Symbol is not null && scanner.Next is '+' or '-' ? scanner.TakeNumber() : 0;
        return new ImmediateOperand(value.Number + offset, value.Symbol);
    }

    private RegisterOperand TakeRegister(Scanner scanner)
    {
        if (!scanner.TryTake("%") && isAtt)
            throw Refuse(scanner.Text);
        if (!RegisterNames.TryFind(scanner.TakeWord("a register"), out RegisterOperand? register))
            throw Refuse(scanner.Text);
        return register;
    }

    private static AddressOperand ParseAddress(Scanner scanner)
    {
        var address = new Sum(scanner.Text);
        if (scanner.Next is not ('(' or '['))
            AddTerms(scanner, address);
        while (true)
        {
            if (scanner.TryTake("["))
            {
                AddTerms(scanner, address);
                scanner.Take("]");
            }
            else if (scanner.TryTake("("))
            {
                AddAttGroup(scanner, address);
                scanner.Take(")");
            }
            else
            {
                return address.ToOperand();
            }
        }
    }

    /// <summary>Base, index and scale between AT&amp;T's parentheses; a variable may stand for the base.</summary>
    private static void AddAttGroup(Scanner scanner, Sum address)
    {
        if (scanner.Next != ',')
            AddTerm(scanner, address, isNegative: false);
        if (!scanner.TryTake(","))
            return;
        scanner.Take("%");
        int index = address.RegisterOf(scanner.TakeWord("a register"));
        address.AddIndex(index, scanner.TryTake(",") ? scanner.TakeNumber() : 1);
    }

    private static void AddTerms(Scanner scanner, Sum address)
    {
        bool isNegative = scanner.TryTake("-");
        do
        {
            AddTerm(scanner, address, isNegative);
            isNegative = scanner.TryTake("-");
        }
        while (isNegative || scanner.TryTake("+"));
    }

    private static void AddTerm(Scanner scanner, Sum address, bool isNegative)
    {
        bool hasPercent = scanner.TryTake("%");
        string word = scanner.PeekWord();
        bool isRegister = hasPercent || RegisterNames.TryFind(word, out _) || IsInstructionPointer(word);
        if (isRegister && !isNegative)
        {
            scanner.Position += word.Length;
            // Relative to RIP is how a position-independent program names a variable.
            if (IsInstructionPointer(word))
                return;
            int register = address.RegisterOf(word);
            if (scanner.TryTake("*"))
                address.AddIndex(register, scanner.TakeNumber());
            else
                address.AddRegister(register);
        }
        else if (!isRegister && word.Length > 0 && char.IsAsciiDigit(word[0]))
        {
            long number = scanner.TakeNumber();
            if (!scanner.TryTake("*"))
                address.Displacement += isNegative ? -number : number;
            else if (!isNegative)
                address.AddIndex(address.RegisterOf(scanner.TakeWord("a register")), number);
            else
                throw Refuse(scanner.Text);
        }
        else if (!isRegister && !isNegative)
        {
            address.AddSymbol(scanner.TakeWord("a variable"));
        }
        else
        {
            throw Refuse(scanner.Text);
        }
    }

    private static bool IsInstructionPointer(string word) => word.Equals("rip", StringComparison.OrdinalIgnoreCase);

    private static int TakeSizeKeyword(Scanner scanner)
    {
        string word = scanner.PeekWord();
        int bytes = word.ToUpperInvariant() switch { "BYTE" => 1, "WORD" => 2, "DWORD" => 4, "QWORD" => 8, _ => 0 };
        if (bytes == 0)
            return 0;
        scanner.Position += word.Length;
        string pointer = scanner.PeekWord();
        if (pointer.Equals("ptr", StringComparison.OrdinalIgnoreCase))
            scanner.Position += pointer.Length;
        return bytes;
    }

    private static LitmusFormatException Refuse(string text) => new($"the operand '{text.Trim()}' is not supported");

    /// <summary>An address as it is being put together.</summary>
    private sealed class Sum(string text)
    {
        private string? _symbol;
        private int? _base;
        private int? _index;
        private int _scale = 1;

        public long Displacement { get; set; }

        public int RegisterOf(string name) =>
            RegisterNames.TryFind(name, out RegisterOperand? register) && register.Bytes == sizeof(ulong)
                ? register.Register : throw Refuse(text);

        public void AddRegister(int register)
        {
            if (_base is null)
                _base = register;
            else
                AddIndex(register, 1);
        }

        public void AddIndex(int register, long scale)
        {
            if (_index is not null || scale is not (1 or 2 or 4 or 8))
                throw Refuse(text);
            _index = register;
            _scale = (int)scale;
        }

        public void AddSymbol(string symbol) => _symbol = _symbol is null ? symbol : throw Refuse(text);

        public AddressOperand ToOperand() => _symbol is null && _base is null && _index is null
            ? throw Refuse(text) : new AddressOperand(_symbol, _base, _index, _scale, Displacement);
    }
}
