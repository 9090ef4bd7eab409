using Iced.Intel;

namespace Determinism.X86;

/// <summary>The instructions that can be reached, as a graph over their indices.</summary>
internal sealed class ReachableCode
{
    public const int None = CodeBytes.None;

    private readonly CodeBytes _bytes;
    private readonly Instruction[] _instructions;
    private readonly int[] _following;
    private readonly int[] _targets;

    public ReachableCode(CodeBytes bytes, Instruction[] instructions, IReadOnlyCollection<ulong> entries)
    {
        _bytes = bytes;
        _instructions = instructions;
        _following = new int[instructions.Length];
        _targets = new int[instructions.Length];
        for (int index = 0; index < instructions.Length; index++)
        {
            ref readonly Instruction instruction = ref instructions[index];
            _following[index] = CodeFlow.Continues(instruction) ? bytes.StartingAt(instruction.NextIP) : None;
            _targets[index] = CodeFlow.HasTarget(instruction) ? bytes.StartingAt(instruction.NearBranchTarget) : None;
        }
        var found = new List<int>(entries.Count);
        foreach (ulong address in entries)
        {
            if (bytes.StartingAt(address) is var entry and not None)
                found.Add(entry);
        }
        Entries = found;
    }

    public int Count => _instructions.Length;

    /// <summary>Where control may come in from outside or through a register.</summary>
    public IReadOnlyList<int> Entries { get; }

    public ref readonly Instruction this[int index] => ref _instructions[index];

    /// <summary>Whether two instructions lie in one region.</summary>
    public bool AreTogether(int left, int right) =>
        _bytes.AreTogether(_instructions[left].IP, _instructions[right].IP);

    /// <summary>The next instruction in memory, if control may go on there (after a call: when it has returned).</summary>
    public int Following(int index) => _following[index];

    /// <summary>The target of a direct jump, or <see cref="None"/>.</summary>
    public int JumpTarget(int index) => IsCall(index) ? None : _targets[index];

    /// <summary>The target of a direct call, or <see cref="None"/>.</summary>
    public int Callee(int index) => IsCall(index) ? _targets[index] : None;

    public bool IsCall(int index) => _instructions[index].Mnemonic == Mnemonic.Call;

    public bool IsIndirectCall(int index) => _instructions[index].FlowControl == FlowControl.IndirectCall;

    public bool IsReturn(int index) => _instructions[index].FlowControl == FlowControl.Return;
}
