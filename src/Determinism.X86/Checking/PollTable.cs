using Iced.Intel;

namespace Determinism.X86;

/// <summary>Finds the polls, and refuses what looks like one and is none, what can enter one in its middle, and whatever
/// else touches the count or the limit.</summary>
/// <remarks>The shape (docs/guest-abi.md, "Polls"): <c>inc r15; cmp r15, gs:[8]; jae trap</c>, with
/// <c>trap: out 10h, al; jmp</c> to what follows the <c>jae</c>, in the same region.</remarks>
internal sealed class PollTable
{
    private const ulong LimitStart = 8;
    private const ulong LimitEnd = 16;

    private readonly ReachableCode _code;
    private readonly RefusalList _refusals;

    // For each instruction of a poll the one that must come before it; the first has itself.
    private readonly int[] _before;

    public PollTable(ReachableCode code, RefusalList refusals)
    {
        _code = code;
        _refusals = refusals;
        _before = new int[code.Count];
        Array.Fill(_before, ReachableCode.None);
        for (int index = 0; index < code.Count; index++)
            FindPoll(index);
        RefuseOtherWaysIn();
        RefuseStrangers();
    }

    public int Count { get; private set; }

    /// <summary>Whether a poll begins with an instruction.</summary>
    public bool IsPoll(int index) => _before[index] == index;

    /// <summary>The instruction with which the program goes on after a poll, or <see cref="ReachableCode.None"/> where
    /// there is no code.</summary>
    public int Resume(int poll) => _code.Following(_code.Following(_code.Following(poll)));

    private void FindPoll(int count)
    {
        if (_code[count].Code != Code.Inc_rm64 || _code[count].Op0Register != Register.R15)
            return;
        int compare = _code.Following(count);
        if (compare == ReachableCode.None || !IsCompare(_code[compare]))
            return;
        int branch = _code.Following(compare);
        if (branch == ReachableCode.None || _code[branch].Mnemonic != Mnemonic.Jae)
            return;
        int trap = _code.JumpTarget(branch);
        if (trap == ReachableCode.None || !ServicePort.Is(_code[trap], ServicePort.Poll))
            return;
        int back = _code.Following(trap);
        if (back == ReachableCode.None || _code[back].Mnemonic != Mnemonic.Jmp || _code.JumpTarget(back) == ReachableCode.None
            || _code.JumpTarget(back) != _code.Following(branch))
            return;
        // Whether the trap is fetched depends on the limit: who may fetch the poll must be able to fetch the trap.
        if (!_code.AreTogether(branch, trap) || !_code.AreTogether(trap, back))
            return;
        _before[count] = count;
        _before[compare] = count;
        _before[branch] = compare;
        _before[trap] = branch;
        _before[back] = trap;
        Count++;
    }

    private static bool IsCompare(in Instruction instruction) => instruction is
    {
        Code: Code.Cmp_r64_rm64, Op0Register: Register.R15, Op1Kind: OpKind.Memory, MemorySegment: Register.GS,
        MemoryBase: Register.None, MemoryIndex: Register.None, MemoryDisplacement64: LimitStart,
    };

    private void RefuseOtherWaysIn()
    {
        for (int index = 0; index < _code.Count; index++)
        {
            RefuseWayIn(index, _code.Following(index));
            RefuseWayIn(index, _code.JumpTarget(index));
            RefuseWayIn(index, _code.Callee(index));
        }
        foreach (int entry in _code.Entries)
        {
            if (IsInside(entry))
                _refusals.Add(CodeRefusalKind.MalformedPoll, _code[entry],
                    "is inside a poll, and its address is one that control may come in at");
        }
    }

    private void RefuseWayIn(int from, int to)
    {
        if (to != ReachableCode.None && IsInside(to) && _before[to] != from)
            _refusals.Add(CodeRefusalKind.MalformedPoll, _code[from],
                "leads into the middle of a poll, to " + RefusalList.Name(_code[to]));
    }

    private bool IsInside(int index) => _before[index] != ReachableCode.None && _before[index] != index;

    private void RefuseStrangers()
    {
        var factory = new InstructionInfoFactory();
        for (int index = 0; index < _code.Count; index++)
        {
            if (_before[index] != ReachableCode.None)
                continue;
            ref readonly Instruction instruction = ref _code[index];
            if (ServicePort.Is(instruction, ServicePort.Poll))
                _refusals.Add(CodeRefusalKind.MalformedPoll, instruction, "is the trap of no poll that is as the ABI has it");
            InstructionInfo info = factory.GetInfo(instruction);
            if (Writes(info, Register.R15))
            {
                if (instruction.Mnemonic == Mnemonic.Inc)
                    _refusals.Add(CodeRefusalKind.MalformedPoll, instruction,
                        "counts a poll, but what follows is not a poll as the ABI has it");
                else
                    _refusals.Add(CodeRefusalKind.WritesPollCount, instruction, "writes R15, which holds the poll count");
            }
            foreach (UsedMemory used in info.GetUsedMemory())
                RefuseControlPage(instruction, used);
        }
    }

    private static bool Writes(in InstructionInfo info, Register register)
    {
        foreach (UsedRegister used in info.GetUsedRegisters())
        {
            if (used.Register.GetFullRegister() == register && used.Access is not (OpAccess.Read or OpAccess.CondRead))
                return true;
        }
        return false;
    }

    // The limit is the VMM's: what is read there, no recording holds.
    private void RefuseControlPage(in Instruction instruction, in UsedMemory used)
    {
        if (used.Segment != Register.GS || used.Access is OpAccess.None or OpAccess.NoMemAccess)
            return;
        if (used.Base != Register.None || used.Index != Register.None)
            _refusals.Add(CodeRefusalKind.TouchesLimit, instruction,
                "may touch the limit of the software counter: its place in the control page is computed");
        else if (used.Displacement < LimitEnd && used.Displacement + (ulong)used.MemorySize.GetSize() > LimitStart)
            _refusals.Add(CodeRefusalKind.TouchesLimit, instruction,
                "touches the limit of the software counter outside of a poll");
    }
}
