namespace Determinism.Litmus;

/// <summary>Finds all outcomes that a memory model allows a test to have.</summary>
/// <remarks>
/// <para>An operational model, searched exhaustively: each step is an instruction of some thread, or the oldest store of some
/// thread's buffer going to memory. Without LOCK an instruction that reads and writes memory takes two steps. MFENCE and
/// atomic instructions wait until their thread's buffer is empty. States that have been are not searched again, so that loops
/// end.</para>
/// <para>What a processor may do with accesses of different sizes to one word is taken widely: a load sees the newest
/// store of each byte.</para>
/// </remarks>
public sealed class OutcomeEnumerator
{
    private const int MostStates = 200_000;

    private readonly LitmusTest _test;
    private readonly VariableMap _variables;
    private readonly bool _hasBuffers;
    private readonly Dictionary<ulong, int> _words;
    private readonly HashSet<ulong[]> _seen = new(new WordsComparer());
    private readonly Stack<ModelState> _pending = new();
    private readonly HashSet<Outcome> _outcomes = [];

    private OutcomeEnumerator(LitmusTest test, VariableMap variables, MemoryModel model)
    {
        _test = test;
        _variables = variables;
        _hasBuffers = model == MemoryModel.TotalStoreOrder;
        _words = variables.All.Select(static (one, index) => (one.Value, index)).ToDictionary();
    }

    /// <summary>Finds them.</summary>
    /// <param name="test">The test.</param>
    /// <param name="variables">Where its variables are.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="LitmusFormatException">The test has too many states, or touches memory outside of its
    /// variables.</exception>
    public static IReadOnlySet<Outcome> Enumerate(LitmusTest test, VariableMap variables, MemoryModel model)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(variables);
        var enumerator = new OutcomeEnumerator(test, variables, model);
        enumerator.Search();
        return enumerator._outcomes;
    }

    /// <summary>How often a test's condition holds among outcomes.</summary>
    /// <param name="test">The test.</param>
    /// <param name="variables">Where its variables are.</param>
    /// <param name="outcomes">The outcomes.</param>
    public static Verdict VerdictOf(LitmusTest test, VariableMap variables, IEnumerable<Outcome> outcomes)
    {
        List<bool> holds = [.. outcomes.Select(outcome => outcome.Fulfils(test, variables)).Distinct()];
        return holds.Count == 2 ? Verdict.Sometimes : holds.Contains(true) ? Verdict.Always : Verdict.Never;
    }

    private void Search()
    {
        Visit(Start());
        while (_pending.TryPop(out ModelState? state))
        {
            if (_seen.Count > MostStates)
                throw new LitmusFormatException($"{_test.Name} has more than {MostStates} states");
            Expand(state);
        }
    }

    private ModelState Start()
    {
        var state = new ModelState
        {
            Threads = [.. _test.Threads.Select(static _ => new ThreadState())], Memory = new ulong[_words.Count],
        };
        foreach (((int thread, int register), LitmusValue value) in _test.InitialRegisters)
            state.Threads[thread].Registers[register] = value.In(_variables);
        foreach (LitmusVariable variable in _test.Variables)
            state.Memory[_words[_variables[variable.Name]]] = Alu.Truncate(variable.Initial.In(_variables), variable.Bytes);
        return state;
    }

    private void Visit(ModelState state)
    {
        if (_seen.Add(state.ToKey()))
            _pending.Push(state);
    }

    private void Expand(ModelState state)
    {
        // What touches no memory is seen by nobody: when it happens makes no difference.
        for (int thread = 0; thread < state.Threads.Length; thread++)
        {
            if (NextOf(state, thread) is { Address: null, Operation: not Operation.Mfence })
            {
                Step(state, thread);
                return;
            }
        }
        bool isFinal = true;
        for (int thread = 0; thread < state.Threads.Length; thread++)
        {
            bool hasStores = state.Threads[thread].Buffer.Length > 0;
            LitmusInstruction? next = NextOf(state, thread);
            isFinal &= !hasStores && next is null;
            if (hasStores)
                Drain(state, thread);
            if (next is not null && !(hasStores && (next.IsAtomic || next.Operation == Operation.Mfence)))
                Step(state, thread);
        }
        if (isFinal)
            _outcomes.Add(OutcomeOf(state));
    }

    private LitmusInstruction? NextOf(ModelState state, int thread)
    {
        IReadOnlyList<LitmusInstruction> code = _test.Threads[thread].Instructions;
        int next = state.Threads[thread].Next;
        return next < code.Count ? code[next] : null;
    }

    private void Drain(ModelState before, int thread)
    {
        ModelState state = before.Clone();
        BufferedStore store = state.Threads[thread].Buffer[0];
        state.Threads[thread].Buffer = state.Threads[thread].Buffer[1..];
        Merge(ref Word(state, store.Address, store.Bytes), store);
        Visit(state);
    }

    private void Step(ModelState before, int number)
    {
        ModelState state = before.Clone();
        ThreadState thread = state.Threads[number];
        LitmusInstruction instruction = NextOf(state, number)!;
        ulong address = instruction.Address is { } operand ? InstructionSemantics.AddressOf(operand, thread, _variables) : 0;
        ulong read = thread.HasRead ?? (instruction.ReadsMemory ? Load(state, thread, address, instruction.AccessBytes) : 0);
        if (instruction.ReadsMemory && instruction.WritesMemory && !instruction.IsAtomic && thread.HasRead is null)
        {
            thread.HasRead = read;
            Visit(state);
            return;
        }
        thread.HasRead = null;
        ulong value = InstructionSemantics.Execute(instruction, thread, _test.Threads[number], read, _variables);
        if (instruction.WritesMemory)
        {
            var store = new BufferedStore(address, instruction.Bytes, value);
            ref ulong word = ref Word(state, address, instruction.Bytes);
            if (_hasBuffers && !instruction.IsAtomic)
                thread.Buffer = [.. thread.Buffer, store];
            else
                Merge(ref word, store);
        }
        Visit(state);
    }

    private ulong Load(ModelState state, ThreadState thread, ulong address, int bytes)
    {
        ulong word = Word(state, address, bytes);
        foreach (BufferedStore store in thread.Buffer)
        {
            if (((store.Address ^ address) & ~7UL) == 0)
                Merge(ref word, store);
        }
        return Alu.Truncate(word >> (8 * (int)(address & 7)), bytes);
    }

    private static void Merge(ref ulong word, BufferedStore store)
    {
        int shift = 8 * (int)(store.Address & 7);
        ulong mask = Alu.Truncate(ulong.MaxValue, store.Bytes) << shift;
        word = (word & ~mask) | (store.Value << shift);
    }

    private ref ulong Word(ModelState state, ulong address, int bytes)
    {
        if (!_words.TryGetValue(address & ~7UL, out int word) || (int)(address & 7) + bytes > VariableMap.SlotBytes)
            throw new LitmusFormatException($"{_test.Name} touches memory outside of its variables, at 0x{address:X}");
        return ref state.Memory[word];
    }

    private Outcome OutcomeOf(ModelState state) => new([.. _test.Places.Select(place => place.Truncate(place.IsVariable
        ? state.Memory[_words[_variables[place.Variable!]]] : state.Threads[place.Thread].Registers[place.Register]))]);
}
