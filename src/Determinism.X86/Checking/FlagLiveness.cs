using Iced.Intel;

namespace Determinism.X86;

/// <summary>Refuses polls after which a flag may be read, and instructions that leave a flag undefined that may be
/// read.</summary>
/// <remarks>
/// Backwards, to the fixed point: live before an instruction is what it reads, and what is live after it and not surely
/// replaced. A direct call leads into the called function, a return to all places after calls. A call through a register
/// ends the path (calling convention).
/// </remarks>
internal sealed class FlagLiveness
{
    private const RflagsBits Status =
        RflagsBits.OF | RflagsBits.SF | RflagsBits.ZF | RflagsBits.AF | RflagsBits.CF | RflagsBits.PF;

    private readonly ReachableCode _code;
    private readonly PollTable _polls;
    private readonly RefusalList _refusals;
    private readonly RflagsBits[] _liveBefore;
    private readonly int[] _afterCalls;
    private RflagsBits _liveAfterCalls;

    public FlagLiveness(ReachableCode code, PollTable polls, RefusalList refusals)
    {
        _code = code;
        _polls = polls;
        _refusals = refusals;
        _liveBefore = new RflagsBits[code.Count];
        _afterCalls = FindAfterCalls(code);
    }

    public void Run()
    {
        Solve();
        for (int index = 0; index < _code.Count; index++)
        {
            if (_polls.IsPoll(index))
                CheckPoll(index);
            else
                CheckUndefined(index);
        }
    }

    // Few flags live long, so that a handful of sweeps from the end reach the fixed point.
    private void Solve()
    {
        bool hasChanged = true;
        while (hasChanged)
        {
            hasChanged = false;
            for (int index = _code.Count - 1; index >= 0; index--)
            {
                ref readonly Instruction instruction = ref _code[index];
                RflagsBits live = Read(instruction) | (LiveAfter(index) & ~SurelyReplaced(instruction));
                hasChanged |= live != _liveBefore[index];
                _liveBefore[index] = live;
            }
            RflagsBits liveAfterCalls = RflagsBits.None;
            foreach (int index in _afterCalls)
                liveAfterCalls |= _liveBefore[index];
            hasChanged |= liveAfterCalls != _liveAfterCalls;
            _liveAfterCalls = liveAfterCalls;
        }
    }

    private void CheckPoll(int poll)
    {
        int resume = _polls.Resume(poll);
        RflagsBits live = resume == ReachableCode.None ? RflagsBits.None : _liveBefore[resume];
        if (live != RflagsBits.None)
            _refusals.Add(CodeRefusalKind.LiveFlags, _code[poll],
                $"is a poll and replaces {live}, which may be read by {NameReader([resume], live)}");
    }

    private void CheckUndefined(int index)
    {
        RflagsBits undefined = Undefined(_code[index]) & LiveAfter(index);
        if (undefined != RflagsBits.None)
            _refusals.Add(CodeRefusalKind.UndefinedFlags, _code[index],
                $"leaves {undefined} undefined, which may be read by {NameReader(Successors(index), undefined)}");
    }

    private RflagsBits LiveAfter(int index)
    {
        RflagsBits live = RflagsBits.None;
        if (_code.IsReturn(index))
            return _liveAfterCalls;
        if (_code.IsCall(index))
            return _code.Callee(index) is var callee and not ReachableCode.None ? _liveBefore[callee] : live;
        if (_code.Following(index) is var following and not ReachableCode.None)
            live |= _liveBefore[following];
        if (_code.JumpTarget(index) is var target and not ReachableCode.None)
            live |= _liveBefore[target];
        return live;
    }

    private int[] Successors(int index)
    {
        if (_code.IsReturn(index))
            return _afterCalls;
        int[] successors = _code.IsCall(index)
            ? [_code.Callee(index)] : [_code.Following(index), _code.JumpTarget(index)];
        return Array.FindAll(successors, successor => successor != ReachableCode.None);
    }

    private string NameReader(int[] starts, RflagsBits flags)
    {
        var seen = new HashSet<(int, RflagsBits)>();
        var pending = new Queue<(int Index, RflagsBits Flags)>();
        foreach (int start in starts)
            pending.Enqueue((start, flags));
        while (pending.TryDequeue(out (int Index, RflagsBits Flags) state))
        {
            ref readonly Instruction instruction = ref _code[state.Index];
            if ((Read(instruction) & state.Flags) != 0)
                return RefusalList.Name(instruction);
            RflagsBits left = state.Flags & ~SurelyReplaced(instruction);
            if (left == RflagsBits.None || !seen.Add((state.Index, left)))
                continue;
            foreach (int next in Successors(state.Index))
                pending.Enqueue((next, left));
        }
        throw new InvalidOperationException("A flag is live that nothing reads.");
    }

    // The handler that HALT waits for stores the flags as it finds them.
    private static RflagsBits Read(in Instruction instruction) =>
        ServicePort.Is(instruction, ServicePort.Halt) ? Status : instruction.RflagsRead & Status;

    private static RflagsBits SurelyReplaced(in Instruction instruction) =>
        MayDoNothing(instruction) ? RflagsBits.None : instruction.RflagsModified & Status;

    // gcc writes BSF as TZCNT, which processors without BMI1 take for BSF: their flags have nothing in common.
    private static RflagsBits Undefined(in Instruction instruction) =>
        instruction.Mnemonic == Mnemonic.Tzcnt ? Status : instruction.RflagsUndefined & Status;

    // A shift by a register may be by nothing, a repeated string instruction may have nothing to do.
    private static bool MayDoNothing(in Instruction instruction)
    {
        if (instruction.IsStringInstruction && (instruction.HasRepPrefix || instruction.HasRepnePrefix))
            return true;
        bool isShift = instruction.Mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol
            or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr or Mnemonic.Shld or Mnemonic.Shrd;
        return isShift && instruction.GetOpKind(instruction.OpCount - 1) == OpKind.Register;
    }

    private static int[] FindAfterCalls(ReachableCode code)
    {
        var found = new List<int>();
        for (int index = 0; index < code.Count; index++)
        {
            if (code.IsCall(index) && code.Following(index) is var after and not ReachableCode.None)
                found.Add(after);
        }
        return [.. found];
    }
}
