using System.Globalization;
using Iced.Intel;

namespace Determinism.Guests.Tests.Binaries;

/// <summary>
/// Decodes functions and looks for cycles without a poll, for flags that live across a poll, and for control flow
/// that leaves its function. Shares nothing with the pass that put the polls in.
/// </summary>
internal sealed class CodeGraph
{
    private readonly Dictionary<ulong, Instruction> _instructions = [];
    private readonly Dictionary<ulong, string> _functionAt = [];
    private readonly HashSet<ulong> _polls = []; // of their first instructions

    public CodeGraph(ReadOnlyMemory<byte> text, ulong address, IEnumerable<(string Name, ulong Address, ulong Size)> functions)
    {
        foreach (var function in functions)
        {
            var code = text.Slice((int)(function.Address - address), (int)function.Size).ToArray();
            var decoder = Decoder.Create(64, code, function.Address);
            Entries.Add(function.Address, function.Name);
            while (decoder.IP < function.Address + function.Size)
            {
                var instruction = decoder.Decode();
                _instructions.Add(instruction.IP, instruction);
                _functionAt.Add(instruction.IP, function.Name);
            }
        }
        foreach (var instruction in _instructions.Values)
        {
            if (IsPoll(instruction))
                _polls.Add(instruction.IP);
        }
    }

    public SortedDictionary<ulong, string> Entries { get; } = [];

    public int PollCount => _polls.Count;

    public IEnumerable<Instruction> Instructions => _instructions.Values;

    /// <summary>All that is wrong with the code, in words.</summary>
    public IEnumerable<string> FindFaults()
    {
        foreach (var instruction in _instructions.Values)
        {
            foreach (var fault in FindFaultsOf(instruction))
                yield return fault;
        }
        foreach (var address in Leftovers(_instructions.Keys.Where(ip => !_polls.Contains(ip)), Successors))
            yield return "a cycle without a poll at " + Describe(_instructions[address]);
        foreach (var address in Leftovers(Entries.Keys, CalleesBeforePoll))
            yield return "a cycle of calls without a poll through " + Entries[address];
    }

    private IEnumerable<string> FindFaultsOf(Instruction instruction)
    {
        if (instruction.IsInvalid)
            yield return "no instruction at " + Describe(instruction);
        foreach (var next in Successors(instruction.IP))
        {
            if (!_functionAt.TryGetValue(next, out var function) || function != _functionAt[instruction.IP])
                yield return "control leaves its function at " + Describe(instruction);
        }
        if (instruction.FlowControl is FlowControl.Call && !Entries.ContainsKey(instruction.NearBranchTarget))
            yield return "a call of no function at " + Describe(instruction);
        if (instruction.FlowControl is FlowControl.IndirectBranch or FlowControl.Interrupt or FlowControl.Exception)
            yield return "control is lost at " + Describe(instruction);
        if (UsesR15(instruction) && !IsPartOfPoll(instruction))
            yield return "r15 is not a poll's at " + Describe(instruction);
        if (_polls.Contains(instruction.IP) && !FlagsAreDeadAfter(instruction.IP))
            yield return "flags live across the poll at " + Describe(instruction);
    }

    // inc r15; cmp r15, gs:[8]; jae trap, with trap: out 10h, al; jmp to what follows the jae.
    private bool IsPoll(in Instruction first)
    {
        return first is { Mnemonic: Mnemonic.Inc, Op0Register: Register.R15 }
            && _instructions.TryGetValue(first.NextIP, out var compare)
            && compare is
            {
                Mnemonic: Mnemonic.Cmp, Op0Register: Register.R15, Op1Kind: OpKind.Memory, MemorySegment: Register.GS,
                MemoryDisplacement64: 8, MemoryBase: Register.None, MemoryIndex: Register.None,
            }
            && _instructions.TryGetValue(compare.NextIP, out var branch)
            && branch.ConditionCode == ConditionCode.ae
            && _instructions.TryGetValue(branch.NearBranchTarget, out var trap)
            && trap is { Mnemonic: Mnemonic.Out, Op0Kind: OpKind.Immediate8, Immediate8: 0x10, Op1Register: Register.AL }
            && _instructions.TryGetValue(trap.NextIP, out var back)
            && back.FlowControl == FlowControl.UnconditionalBranch
            && back.NearBranchTarget == branch.NextIP;
    }

    private bool IsPartOfPoll(in Instruction instruction) =>
        _polls.Contains(instruction.IP) || (instruction.Mnemonic == Mnemonic.Cmp && _polls.Contains(instruction.IP - 3));

    private static bool UsesR15(in Instruction instruction)
    {
        foreach (var used in new InstructionInfoFactory().GetInfo(instruction).GetUsedRegisters())
        {
            if (used.Register.GetFullRegister() == Register.R15)
                return true;
        }
        return false;
    }

    private bool FlagsAreDeadAfter(ulong poll)
    {
        const RflagsBits status =
            RflagsBits.OF | RflagsBits.SF | RflagsBits.ZF | RflagsBits.AF | RflagsBits.CF | RflagsBits.PF;
        var compare = _instructions[_instructions[poll].NextIP];
        var start = _instructions[compare.NextIP].NextIP;
        var seen = new HashSet<(ulong, RflagsBits)>();
        var pending = new Stack<(ulong Address, RflagsBits Live)>([(start, status)]);
        while (pending.TryPop(out var state))
        {
            if (!seen.Add(state))
                continue;
            var instruction = _instructions[state.Address];
            if (instruction.FlowControl is FlowControl.Call or FlowControl.IndirectCall or FlowControl.Return)
                continue;
            // A shift by a register may be by nothing.
            if ((instruction.RflagsRead & state.Live) != 0)
                return false;
            var mayBeNothing = instruction.OpCount == 2 && instruction.Op1Register == Register.CL;
            var live = mayBeNothing ? state.Live : state.Live & ~instruction.RflagsModified;
            if (live == RflagsBits.None)
                continue;
            foreach (var next in Successors(state.Address))
                pending.Push((next, live));
        }
        return true;
    }

    private IEnumerable<ulong> Successors(ulong address)
    {
        var instruction = _instructions[address];
        if (instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch)
            yield return instruction.NearBranchTarget;
        if (instruction.FlowControl is FlowControl.Next or FlowControl.ConditionalBranch or FlowControl.Call or FlowControl.IndirectCall)
            yield return instruction.NextIP;
    }

    // Functions that may be called from this one before it has polled. An indirect call may call any.
    private IEnumerable<ulong> CalleesBeforePoll(ulong entry)
    {
        var seen = new HashSet<ulong>();
        var pending = new Stack<ulong>([entry]);
        var callees = new HashSet<ulong>();
        while (pending.TryPop(out var address))
        {
            if (_polls.Contains(address) || !seen.Add(address) || !_instructions.TryGetValue(address, out var instruction))
                continue;
            if (instruction.FlowControl == FlowControl.Call)
                callees.Add(instruction.NearBranchTarget);
            if (instruction.FlowControl == FlowControl.IndirectCall)
                callees.UnionWith(Entries.Keys);
            foreach (var next in Successors(address))
                pending.Push(next);
        }
        return callees;
    }

    // Nodes on or before a cycle: what is left when nodes that nothing left follows are taken away again and again.
    private static HashSet<ulong> Leftovers(IEnumerable<ulong> nodes, Func<ulong, IEnumerable<ulong>> next)
    {
        var edges = nodes.ToDictionary(node => node, node => next(node).ToArray());
        var left = edges.Keys.ToHashSet();
        while (left.RemoveWhere(node => !edges[node].Any(left.Contains)) > 0)
        {
        }
        return left;
    }

    private string Describe(in Instruction instruction) =>
        string.Create(CultureInfo.InvariantCulture, $"{instruction.IP:x} in {_functionAt[instruction.IP]}: {instruction}");
}
