using Determinism.X86;
using Iced.Intel;

namespace Determinism.Machine;

/// <summary>Finds all that a faulting instruction touches, so that its frames are one request (law L5).</summary>
/// <remarks>One thread at a time; allocates nothing.</remarks>
internal sealed class FaultDecoder
{
    /// <summary>Its operands and its own bytes.</summary>
    public const int MostAccesses = MemoryOperands.MaximumAccesses + 1;

    private readonly InstructionReader _reader = new();
    private readonly MemoryOperands _operands = new();

    /// <summary>The accesses of the instruction that a vCPU stands on.</summary>
    /// <param name="processors">The vCPUs.</param>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="fault">How it left.</param>
    /// <param name="accesses">Room for <see cref="MostAccesses"/>.</param>
    /// <returns>How many.</returns>
    public int Collect(IGuestProcessors processors, int vcpu, in MachineExit fault, Span<MemoryAccess> accesses)
    {
        ref X86Registers registers = ref processors.Registers(vcpu);
        ulong rip = registers.Rip;
        int room = (int)Math.Min(InstructionReader.MaximumLength, processors.Memory.Size - rip);
        // A backend that does not know what failed leaves that to the instruction.
        if (fault.Right == AccessRight.Read && fault.Address >= rip && fault.Address < rip + (ulong)room)
        {
            // The fetch itself: what may not be read yet must not be decoded. All bytes up to those that are missing.
            accesses[0] = new MemoryAccess(rip, (uint)(fault.Address - rip) + fault.Size, AccessRight.Read);
            return 1;
        }
        if (!_reader.TryRead(processors.Memory.Slice(rip, room), rip, out Instruction instruction))
            throw new GuestErrorException($"vCPU {vcpu} faults at 0x{rip:X}, where there is no instruction.");
        accesses[0] = MemoryOperands.Fetch(instruction);
        int count = 1 + _operands.Get(instruction, registers, accesses[1..]);
        return KeepOwned(accesses[..count], processors.Memory.Size);
    }

    // Nobody owns the control pages, nor what lies outside of memory (which the vCPU tells when it comes to it): nobody can
    // ask for them. No access is as long as the control pages, so what is left of it is one piece.
    private static int KeepOwned(Span<MemoryAccess> accesses, ulong memoryBytes)
    {
        int kept = 0;
        foreach (MemoryAccess access in accesses)
        {
            if (access.Address >= memoryBytes)
                continue;
            ulong start = access.Address;
            ulong end = start + Math.Min(access.Size, memoryBytes - start);
            if (GuestLayout.IsControl(start))
                start = GuestLayout.ControlPagesEnd;
            else if (start < GuestLayout.ControlPages)
                end = Math.Min(end, GuestLayout.ControlPages);
            if (start < end)
                accesses[kept++] = new MemoryAccess(start, (uint)(end - start), access.Right);
        }
        return kept;
    }
}
