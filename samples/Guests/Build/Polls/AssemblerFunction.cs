using System.Diagnostics.CodeAnalysis;

namespace Determinism.Guests.Build.Polls;

/// <summary>
/// One function of an assembler text as a graph: instructions by index, and where each may go. Only what the
/// proof of the poll pass needs; everything that it could not follow is refused when the function is built.
/// </summary>
public sealed class AssemblerFunction
{
    private readonly string _file;
    private readonly List<AssemblerStatement> _instructions = [];
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private readonly HashSet<int> _labelled = [];
    private readonly Flow[] _flows;

    /// <summary>Builds the function from the statements between its label and its .size directive.</summary>
    /// <exception cref="PollPassException">The function leaves what the pass can follow.</exception>
    public AssemblerFunction(string file, string name, IReadOnlyList<AssemblerStatement> body)
    {
        _file = file;
        Name = name;
        foreach (var statement in body)
            Add(statement);
        _flows = new Flow[_instructions.Count];
        for (var i = 0; i < _flows.Length; i++)
            _flows[i] = FlowOf(_instructions[i]);
        if (_flows.Length == 0 || _flows[^1].FallsThrough)
            Refuse(body.Count > 0 ? body[^1].Line : 0, "control falls off the end of " + name);
    }

    private enum Transfer
    {
        None,
        Jump,
        ConditionalJump,
        Call,
        Return,
    }

    /// <summary>The function's symbol.</summary>
    public string Name { get; }

    /// <summary>The instructions in the order of the text.</summary>
    public IReadOnlyList<AssemblerStatement> Instructions => _instructions;

    /// <summary>Whether the function calls any function, and so may be on a cycle of the call graph.</summary>
    public bool Calls => _flows.Any(flow => flow.Kind == Transfer.Call);

    /// <summary>
    /// Jumps to an instruction that is not after them and from which they can be reached again. Every cycle of the
    /// function has one: it cannot go forward for ever, and all of its jumps reach themselves.
    /// </summary>
    public IEnumerable<(int From, int To)> BackEdges =>
        _flows.Select((flow, from) => (From: from, To: flow.Target))
            .Where(edge => edge.To >= 0 && edge.To <= edge.From && Reaches(edge.To, edge.From));

    /// <summary>Whether instruction <paramref name="index"/> always goes on to the next one.</summary>
    public bool IsStraight(int index) => _flows[index].Kind is Transfer.None or Transfer.Call;

    /// <summary>Whether a label stands before instruction <paramref name="index"/>.</summary>
    public bool IsLabelled(int index) => _labelled.Contains(index);

    /// <summary>
    /// Whether no path from before instruction <paramref name="index"/> reads a flag that it has not written:
    /// then a poll there changes nothing. Calls and returns end a path, for the calling convention keeps no flag.
    /// </summary>
    public bool FlagsAreDeadBefore(int index)
    {
        var seen = new HashSet<(int, StatusFlags)>();
        var pending = new Stack<(int Index, StatusFlags Open)>();
        pending.Push((index, StatusFlags.All));
        while (pending.TryPop(out var state))
        {
            if (!seen.Add(state))
                continue;
            var flow = _flows[state.Index];
            if (flow.Kind is Transfer.Call or Transfer.Return)
                continue;
            if ((flow.Effect.Reads & state.Open) != 0)
                return false;
            var open = state.Open & ~flow.Effect.Writes;
            if (open == StatusFlags.None)
                continue;
            if (flow.Target >= 0)
                pending.Push((flow.Target, open));
            if (flow.FallsThrough)
                pending.Push((state.Index + 1, open));
        }
        return true;
    }

    private bool Reaches(int start, int end)
    {
        var seen = new bool[_flows.Length];
        var pending = new Stack<int>();
        pending.Push(start);
        while (pending.TryPop(out var at))
        {
            if (at == end)
                return true;
            if (seen[at])
                continue;
            seen[at] = true;
            if (_flows[at].Target >= 0)
                pending.Push(_flows[at].Target);
            if (_flows[at].FallsThrough)
                pending.Push(at + 1);
        }
        return false;
    }

    [DoesNotReturn]
    internal void Refuse(int line, string reason) => throw new PollPassException(_file, line, reason);

    private void Add(in AssemblerStatement statement)
    {
        switch (statement.Kind)
        {
            case AssemblerStatementKind.Label:
                if (char.IsDigit(statement.Name[0]))
                    Refuse(statement.Line, "a numeric label cannot be followed");
                _labels[statement.Name] = _instructions.Count;
                _labelled.Add(_instructions.Count);
                break;
            case AssemblerStatementKind.Instruction:
                if (statement.Operands.Contains("%r15", StringComparison.Ordinal))
                    Refuse(statement.Line, "r15 is the poll count: " + statement.Text);
                _instructions.Add(statement);
                break;
            case AssemblerStatementKind.Directive when statement.Name is ".section" or ".text" or ".data" or ".bss" or ".byte" or ".long" or ".quad" or ".string":
                Refuse(statement.Line, "section change or data inside " + Name);
                break;
        }
    }

    private Flow FlowOf(in AssemblerStatement instruction)
    {
        var name = instruction.Name;
        if (name is "ret" or "retq")
            return new(Transfer.Return, default, -1);
        if (name is "call" or "callq")
            return new(Transfer.Call, default, -1);
        if (name is "jmp" or "jmpq")
            return new(Transfer.Jump, default, TargetOf(instruction));
        if (FlagEffect.TryGetJumpCondition(name, out var tested))
            return new(Transfer.ConditionalJump, new(tested, StatusFlags.None), TargetOf(instruction));
        if (!FlagEffect.TryGet(instruction, out var effect))
            Refuse(instruction.Line, "an instruction of unknown effect: " + instruction.Text);
        return new(Transfer.None, effect, -1);
    }

    private int TargetOf(in AssemblerStatement jump)
    {
        if (!_labels.TryGetValue(jump.Operands, out var target) || target >= _instructions.Count)
            Refuse(jump.Line, "a jump out of " + Name + " or through a register: " + jump.Text);
        return target;
    }

    private readonly record struct Flow(Transfer Kind, FlagEffect Effect, int Target)
    {
        public bool FallsThrough => Kind is not (Transfer.Jump or Transfer.Return);
    }
}
