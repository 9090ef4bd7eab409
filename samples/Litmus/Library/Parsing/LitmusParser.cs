namespace Determinism.Litmus;

/// <summary>Reads litmus tests for x86-64 in the format of diy and herd.</summary>
/// <remarks>docs/litmus.md says what of it is supported. Thread-safe.</remarks>
public static class LitmusParser
{
    /// <summary>The most threads that a test may have.</summary>
    public const int MostThreads = 16;

    /// <summary>The most instructions that a thread may have.</summary>
    public const int MostInstructions = 1000;

    /// <summary>The most variables that a test may have.</summary>
    public const int MostVariables = 64;

    private const int MostCharacters = 1 << 20;
    private const int DefaultBytes = 4;

    /// <summary>Reads a test.</summary>
    /// <param name="text">The file's content.</param>
    /// <exception cref="LitmusFormatException">It is no litmus test, or uses what is not supported.</exception>
    public static LitmusTest Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MostCharacters)
            throw new LitmusFormatException($"the file is longer than {MostCharacters} characters");
        var scanner = new Scanner(SourceText.WithoutComments(text));
        string architecture = scanner.TakeWord("the name of the architecture");
        if (architecture is not ("X86_64" or "X86"))
            throw scanner.Fail($"the architecture is '{architecture}', not X86_64 or X86");
        string name = TakeLine(scanner);
        if (name.Length == 0)
            throw scanner.Fail("the test has no name");
        Dictionary<string, string> notes = TakeNotes(scanner);
        InitialState initial = InitialState.Parse(scanner);
        List<LitmusThread> threads = ProgramParser.Parse(scanner, architecture == "X86_64",
            variable => initial.VariableBytes.GetValueOrDefault(variable));
        return new Assembly(scanner, initial, threads).Complete(name, notes);
    }

    private static string TakeLine(Scanner scanner)
    {
        int end = scanner.Text.IndexOf('\n', scanner.Position);
        end = end < 0 ? scanner.Text.Length : end;
        string line = scanner.Text[scanner.Position..end].Trim();
        scanner.Position = end;
        return line;
    }

    private static Dictionary<string, string> TakeNotes(Scanner scanner)
    {
        var notes = new Dictionary<string, string>();
        while (scanner.Next != '{')
        {
            if (scanner.IsAtEnd)
                throw scanner.Fail("there is no initial state");
            if (scanner.TryTake("\""))
            {
                int end = scanner.Text.IndexOf('"', scanner.Position);
                scanner.Position = end < 0 ? throw scanner.Fail("a text has no end") : end + 1;
                continue;
            }
            string line = TakeLine(scanner);
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw scanner.Fail($"'{line}' is no note of the form key=value");
            notes[line[..equals].Trim()] = line[(equals + 1)..].Trim();
        }
        return notes;
    }

    /// <summary>Puts the parts together: what the end of the file says, and what variables and registers there are.</summary>
    private sealed class Assembly(Scanner scanner, InitialState initial, List<LitmusThread> threads)
    {
        private readonly SortedDictionary<string, int> _variables = new(StringComparer.Ordinal);
        private readonly List<Place> _registers = [];

        public LitmusTest Complete(string name, Dictionary<string, string> notes)
        {
            FindVariables();
            foreach (((int thread, int register), int bytes) in initial.RegisterBytes)
                RegisterOf(thread, new RegisterOperand(register, bytes));
            var conditions = new ConditionParser(scanner, VariableOf, RegisterOf);
            if (scanner.TryTakeWord("locations"))
                TakeLocations(conditions);
            Quantifier quantifier = TakeQuantifier();
            Condition condition = conditions.Parse();
            scanner.TryTake(";");
            if (!scanner.IsAtEnd)
                throw scanner.Fail("there is something behind the condition");
            if (_variables.Count > MostVariables)
                throw scanner.Fail($"there are more than {MostVariables} variables");
            return new LitmusTest
            {
                Name = name, Notes = notes, Threads = threads, Quantifier = quantifier, Condition = condition,
                InitialRegisters = initial.RegisterValues,
                Variables = [.. _variables.Select(one => new LitmusVariable(
                    one.Key, one.Value, initial.VariableValues.GetValueOrDefault(one.Key)))],
                Places = [.. _registers.OrderBy(static one => (one.Thread, one.Register, one.Bytes)),
                    .. _variables.Select(static one => new Place(-1, 0, one.Key, one.Value))],
            };
        }

        private void TakeLocations(ConditionParser conditions)
        {
            scanner.Take("[");
            while (!scanner.TryTake("]"))
            {
                conditions.ParsePlace();
                scanner.TryTake(";");
            }
        }

        private Quantifier TakeQuantifier()
        {
            bool isNegated = scanner.TryTake("~") || scanner.TryTakeWord("not");
            if (scanner.TryTakeWord("exists"))
                return isNegated ? Quantifier.NotExists : Quantifier.Exists;
            if (!isNegated && scanner.TryTakeWord("forall"))
                return Quantifier.ForAll;
            throw scanner.Fail("'exists', '~exists' or 'forall' was expected");
        }

        // Sizes as declared; else as the code uses the variable; else as an int.
        private void FindVariables()
        {
            var accesses = threads.SelectMany(static thread => thread.Instructions)
                .Where(static one => one.Address is not null).ToList();
            int indirect = accesses.Where(static one => one.Address!.Symbol is null)
                .Select(static one => one.AccessBytes).DefaultIfEmpty(DefaultBytes).Max();
            IEnumerable<string?> mentioned = initial.VariableBytes.Keys
                .Concat(threads.SelectMany(static thread => thread.Instructions).SelectMany(static one => one.Operands)
                    .Select(static operand => (operand as AddressOperand)?.Symbol ?? (operand as ImmediateOperand)?.Symbol))
                .Concat(initial.VariableValues.Values.Concat(initial.RegisterValues.Values).Select(static value => value.Symbol));
            foreach (string name in mentioned.OfType<string>().Distinct().ToList())
            {
                int declared = initial.VariableBytes.GetValueOrDefault(name);
                bool isPointer = initial.VariableValues.GetValueOrDefault(name).Symbol is not null;
                int used = accesses.Where(one => one.Address!.Symbol == name)
                    .Select(static one => one.AccessBytes).DefaultIfEmpty(indirect).Max();
                _variables.Add(name, declared != 0 ? declared : isPointer ? sizeof(ulong) : used);
            }
        }

        private Place VariableOf(string name)
        {
            if (!_variables.TryGetValue(name, out int bytes))
                _variables.Add(name, bytes = DefaultBytes);
            return new Place(-1, 0, name, bytes);
        }

        private Place RegisterOf(int thread, RegisterOperand register)
        {
            if (thread >= threads.Count)
                throw scanner.Fail($"there is no thread {thread}");
            int bytes = Math.Min(register.Bytes,
                initial.RegisterBytes.GetValueOrDefault((thread, register.Register), sizeof(ulong)));
            var place = new Place(thread, register.Register, null, bytes);
            if (!_registers.Contains(place))
                _registers.Add(place);
            return place;
        }
    }
}
