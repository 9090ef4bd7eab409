using Determinism.Machine;
using Determinism.X86;
using Iced.Intel;

namespace Determinism.Emulation.Observation;

/// <summary>Runs one vCPU so that an observer sees its accesses: an instruction at a time, each decoded, its operands computed
/// from the registers before it.</summary>
/// <remarks>The interpreter knows nothing of it, and so costs what it did. One thread at a time.</remarks>
internal sealed class ObservedRun(int vcpu, Processor processor, GuestMemory memory, IInstructionObserver observer)
{
    private readonly Dictionary<ulong, ObservedInstruction> _decoded = [];
    private readonly InstructionReader _reader = new();
    private readonly MemoryOperands _operands = new();
    private readonly MemoryAccess[] _accesses = new MemoryAccess[MemoryOperands.MaximumAccesses];
    private readonly ObservedAccess[] _observed = new ObservedAccess[MemoryOperands.MaximumAccesses];

    /// <summary>As <see cref="Processor.Run"/>.</summary>
    public ProcessorExit Run(ulong stopAt)
    {
        lock (observer.Turn)
        {
            while (processor.Count < stopAt)
            {
                ProcessorExit exit = Step();
                if (exit.Reason != ProcessorExitReason.Stopped)
                    return exit;
            }
        }
        return default;
    }

    private ProcessorExit Step()
    {
        ObservedInstruction? instruction = Decode();
        ulong next = processor.Count + 1;
        int count = instruction is { TouchesMemory: true }
            ? _operands.Get(instruction.Instruction, processor.Registers, _accesses)
            : 0;
        if (observer.IsToldBefore && instruction is not null && HoldsAll(instruction, _accesses.AsSpan(0, count)))
            observer.Before(vcpu);
        for (int index = 0; index < count; index++)
            _observed[index] = new ObservedAccess(_accesses[index], Content(_accesses[index]), default);
        ProcessorExit exit = processor.Run(next);
        // Nothing has happened if it came back for any other reason.
        if (processor.Count != next)
            return exit;
        if (instruction is { TouchesMemory: true })
        {
            for (int index = 0; index < count; index++)
                _observed[index] = _observed[index] with { After = Content(_accesses[index]) };
            observer.Retired(vcpu, instruction, _observed.AsSpan(0, count));
        }
        observer.Stepped(vcpu);
        return exit;
    }

    /// <summary>Whether the instruction will not fault: a fault lets others go first.</summary>
    private bool HoldsAll(ObservedInstruction instruction, ReadOnlySpan<MemoryAccess> accesses)
    {
        if (!Holds(MemoryOperands.Fetch(instruction.Instruction)))
            return false;
        foreach (MemoryAccess access in accesses)
        {
            if (!Holds(access))
                return false;
        }
        return true;
    }

    private bool Holds(in MemoryAccess access)
    {
        if (access.Size == 0 || access.Address >= memory.Size)
            return true;
        ulong last = access.Address + Math.Min(access.Size, memory.Size - access.Address) - 1;
        for (ulong frame = access.Address >> processor.PageShift; frame <= last >> processor.PageShift; frame++)
        {
            if (processor.GetRight(frame) < access.Right)
                return false;
        }
        return true;
    }

    private ObservedInstruction? Decode()
    {
        ulong rip = processor.Registers.Rip;
        if (rip >= memory.Size)
            return null;
        ReadOnlySpan<byte> code = memory.Slice(rip, (int)Math.Min(InstructionReader.MaximumLength, memory.Size - rip));
        if (_decoded.TryGetValue(rip, out ObservedInstruction? known) && code.StartsWith(known.Bytes))
            return known;
        if (!_reader.TryRead(code, rip, out Instruction instruction))
            return null;
        return _decoded[rip] = new ObservedInstruction(instruction, code);
    }

    private UInt128 Content(in MemoryAccess access)
    {
        if (access.Address >= memory.Size)
            return default;
        Span<byte> bytes = stackalloc byte[16];
        int length = (int)Math.Min(Math.Min(access.Size, 16UL), memory.Size - access.Address);
        memory.Slice(access.Address, length).CopyTo(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }
}
