namespace Determinism.Litmus;

/// <summary>What a file's initial block declares.</summary>
internal sealed class InitialState
{
    private static readonly Dictionary<string, int> s_types = new()
    {
        ["char"] = 1, ["int8_t"] = 1, ["uint8_t"] = 1, ["bool"] = 1,
        ["short"] = 2, ["int16_t"] = 2, ["uint16_t"] = 2,
        ["int"] = 4, ["int32_t"] = 4, ["uint32_t"] = 4,
        ["long"] = 8, ["int64_t"] = 8, ["uint64_t"] = 8, ["intptr_t"] = 8, ["uintptr_t"] = 8,
    };

    /// <summary>Sizes of variables; 0 where none is told.</summary>
    public Dictionary<string, int> VariableBytes { get; } = [];

    public Dictionary<string, LitmusValue> VariableValues { get; } = [];

    /// <summary>Sizes of registers, where one is told.</summary>
    public Dictionary<(int Thread, int Register), int> RegisterBytes { get; } = [];

    public Dictionary<(int Thread, int Register), LitmusValue> RegisterValues { get; } = [];

    public static InitialState Parse(Scanner scanner)
    {
        var state = new InitialState();
        scanner.Take("{");
        while (!scanner.TryTake("}"))
        {
            if (scanner.TryTake(";"))
                continue;
            state.ParseEntry(scanner);
            if (scanner.Next != '}')
                scanner.Take(";");
        }
        return state;
    }

    private void ParseEntry(Scanner scanner)
    {
        int bytes = TakeType(scanner);
        bool isBracketed = scanner.TryTake("[");
        string word = scanner.TakeWord("a variable or a register");
        if (isBracketed)
            scanner.Take("]");
        if (scanner.TryTake(":"))
            ParseRegister(scanner, word, bytes);
        else
            ParseVariable(scanner, word, bytes);
    }

    private void ParseRegister(Scanner scanner, string thread, int bytes)
    {
        RegisterOperand register = ConditionParser.TakeRegister(scanner, thread, out int number);
        (int, int) key = (number, register.Register);
        // "uint64_t 0:eax" would be a contradiction: the narrower of both is meant.
        RegisterBytes[key] = bytes == 0 ? register.Bytes : Math.Min(bytes, register.Bytes);
        if (scanner.TryTake("="))
            RegisterValues[key] = scanner.TakeValue();
    }

    private void ParseVariable(Scanner scanner, string name, int bytes)
    {
        if (char.IsAsciiDigit(name[0]))
            throw scanner.Fail($"'{name}' is no name of a variable");
        if (scanner.Next == '[')
            throw scanner.Fail($"{name} is an array, which is not supported");
        VariableBytes[name] = bytes;
        if (scanner.TryTake("="))
            VariableValues[name] = scanner.TakeValue();
    }

    /// <summary>Takes the words of a type; 0 if there is none.</summary>
    private static int TakeType(Scanner scanner)
    {
        int bytes = 0;
        while (true)
        {
            string word = scanner.PeekWord();
            if (s_types.TryGetValue(word, out int size))
                bytes = size;
            else if (word is "unsigned" or "signed")
                bytes = bytes == 0 ? sizeof(int) : bytes;
            else if (word is not ("volatile" or "const"))
                break;
            scanner.Position += word.Length;
        }
        while (scanner.TryTake("*"))
            bytes = sizeof(ulong);
        return bytes;
    }
}
