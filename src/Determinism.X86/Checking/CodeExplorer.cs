using System.Globalization;
using Iced.Intel;

namespace Determinism.X86;

/// <summary>Decodes all that can be reached, and refuses what cannot be decoded or followed and what is not allowed.</summary>
internal sealed class CodeExplorer(CodeBytes bytes, GuestCodeRules rules, RefusalList refusals)
{
    private readonly InstructionReader _reader = new();
    private readonly List<Instruction> _instructions = [];
    private readonly HashSet<ulong> _entries = [];

    // What surely is executed comes first: if an address that only may be code disagrees with it, that one is named.
    private readonly Stack<Step> _certain = new();
    private readonly Queue<Step> _possible = new();

    private readonly List<CodePatch> _patches = [];

    /// <summary>What the caller has promised to replace.</summary>
    public IReadOnlyList<CodePatch> Patches => _patches;

    private bool MustBeFollowed => rules == GuestCodeRules.SoftwareCounter;

    public ReachableCode Explore(GuestCode code)
    {
        foreach (ulong entry in code.Entries)
        {
            _entries.Add(entry);
            _certain.Push(new Step(entry, CodeBytes.None, Way.Entry));
        }
        foreach (ulong word in code.DataWords)
            AddPossibleEntry(word, CodeBytes.None);
        while (_certain.TryPop(out Step step) || _possible.TryDequeue(out step))
            Visit(step);
        _patches.RemoveAll(IsShared);
        return new ReachableCode(bytes, [.. _instructions], _entries);
    }

    private void Visit(Step step)
    {
        if (!bytes.Contains(step.Address))
        {
            Refuse(CodeRefusalKind.LeavesCode, step, "where there is no code");
            return;
        }
        if (bytes.StartingAt(step.Address) != CodeBytes.None)
            return;
        int covering = bytes.Covering(step.Address);
        if (covering != CodeBytes.None && MustBeFollowed)
        {
            Refuse(CodeRefusalKind.Overlap, step, "inside the instruction " + RefusalList.Name(_instructions[covering]));
            return;
        }
        Decode(step.Address);
    }

    private void Decode(ulong address)
    {
        ReadOnlySpan<byte> code = bytes.From(address);
        if (!_reader.TryRead(code, address, out Instruction instruction, out bool isCutOff))
        {
            string text = Convert.ToHexString(code[..Math.Min(code.Length, InstructionReader.MaximumLength)]);
            refusals.Add(CodeRefusalKind.Undecodable, address, text,
                isCutOff ? "is cut off by the end of the code" : "is no instruction");
            return;
        }
        int index = _instructions.Count;
        _instructions.Add(instruction);
        int other = bytes.Claim(address, instruction.Length, index);
        if (other != CodeBytes.None && MustBeFollowed)
            refusals.Add(CodeRefusalKind.Overlap, instruction,
                "shares bytes with the instruction " + RefusalList.Name(_instructions[other]));
        if (AllowedInstructions.TryGetRefusal(instruction, code, out string? reason) && !TryPatch(instruction))
            refusals.Add(CodeRefusalKind.NotAllowed, instruction, reason);
        else if (instruction.FlowControl == FlowControl.IndirectBranch)
            refusals.Add(CodeRefusalKind.IndirectJump, instruction,
                "jumps to an address that is known only when it runs, so that the code there cannot be checked");
        Follow(instruction, index);
    }

    // Where instructions may lie on one another, replacing one must not change another.
    private bool IsShared(CodePatch patch)
    {
        ulong first = patch.Address - Math.Min(patch.Address, InstructionReader.MaximumLength - 1);
        for (ulong at = first; at < patch.Address + CodePatch.Bytes; at++)
        {
            int other = bytes.StartingAt(at);
            if (at == patch.Address || other == CodeBytes.None || _instructions[other].NextIP <= patch.Address)
                continue;
            refusals.Add(CodeRefusalKind.Overlap, _instructions[bytes.StartingAt(patch.Address)],
                "has to be replaced and shares bytes with the instruction " + RefusalList.Name(_instructions[other]));
            return true;
        }
        return false;
    }

    private bool TryPatch(in Instruction instruction)
    {
        CodePatchKind? kind = instruction.Mnemonic switch
        {
            Mnemonic.Rdtsc => CodePatchKind.TimeStamp,
            Mnemonic.Cpuid => CodePatchKind.ProcessorIdentity,
            _ => null,
        };
        // One with prefixes is longer than what would replace it.
        if (kind is null || instruction.Length != CodePatch.Bytes || !bytes.IsPatched(instruction.IP))
            return false;
        _patches.Add(new CodePatch(kind.Value, instruction.IP));
        return true;
    }

    private void Follow(in Instruction instruction, int index)
    {
        if (CodeFlow.Continues(instruction))
            _certain.Push(new Step(instruction.NextIP, index, Way.Next));
        if (CodeFlow.HasTarget(instruction))
            _certain.Push(new Step(instruction.NearBranchTarget, index, Way.Branch));
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) is OpKind.Immediate32 or OpKind.Immediate32to64 or OpKind.Immediate64)
                AddPossibleEntry(instruction.GetImmediate(operand), index);
        }
        if (instruction.Mnemonic == Mnemonic.Lea && instruction.MemoryIndex == Register.None
            && (instruction.MemoryBase == Register.None || instruction.IsIPRelativeMemoryOperand))
            AddPossibleEntry(instruction.MemoryDisplacement64, index);
    }

    // An address of code that the program holds may be called: every one is taken for an entry.
    private void AddPossibleEntry(ulong address, int source)
    {
        if (bytes.Contains(address) && _entries.Add(address))
            _possible.Enqueue(new Step(address, source, Way.Address));
    }

    private void Refuse(CodeRefusalKind kind, Step step, string where)
    {
        // With these rules a program may go to code that it makes.
        if (!MustBeFollowed && step.Way != Way.Entry)
            return;
        string target = string.Create(CultureInfo.InvariantCulture, $"0x{step.Address:x}, {where}");
        if (step.Source == CodeBytes.None)
            refusals.Add(kind, step.Address, step.Way == Way.Entry ? "entry" : "data word",
                (step.Way == Way.Entry ? "begins at " : "is the address ") + target);
        else
            refusals.Add(kind, _instructions[step.Source], step.Way switch
            {
                Way.Next => "goes on at ",
                Way.Branch => "leads to ",
                _ => "holds the address ",
            } + target);
    }

    private enum Way
    {
        Entry,
        Next,
        Branch,
        Address,
    }

    /// <summary>A way to an address, from an instruction or from none.</summary>
    private readonly record struct Step(ulong Address, int Source, Way Way);
}
