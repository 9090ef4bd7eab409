using Determinism.Machine;
using Determinism.X86;
using Iced.Intel;

namespace Determinism.Kvm.Vcpus;

/// <summary>Makes of a fault what the machine must know: an access to be granted, an entry to be repeated, or an error.</summary>
/// <remarks>Of a forbidden access KVM tells neither the kind nor, on most kernels, the address: the instruction does. The
/// fetch of the instruction comes first, as it does in the processor. Belongs to the vCPU's thread.</remarks>
internal sealed class FaultReader(KvmVcpu vcpu)
{
    private const byte DivideError = 0, InvalidOpcode = 6, GeneralProtection = 13, PageFault = 14;
    private const uint Present = 1, Write = 2, Fetch = 16;

    private readonly InstructionReader _reader = new();
    private ExecutionPoint _lastPoint;
    private ulong _lastChanges;
    private bool _hasLast;

    public MachineExit Read(in VcpuExit exit) =>
        exit.Kind == VcpuExitKind.Fault ? ReadForbidden(exit) : ReadException(exit);

    private MachineExit ReadForbidden(in VcpuExit exit)
    {
        ref X86Registers registers = ref vcpu.Registers;
        var point = new ExecutionPoint(registers.Gpr[15], registers.Rip, registers.Gpr[4], registers.Gpr[1]);
        // Nobody but this vCPU takes its view away between two of its entries, unless it was parked: so a fault that comes
        // back to a view that has not changed would come for ever.
        if (_hasLast && point == _lastPoint && vcpu.View.Changes == _lastChanges)
            return Error($"faults for ever: its rights cover {Describe(registers.Rip)}, but KVM still refuses an access"
                + (exit.Address == 0 ? "" : $" to 0x{exit.Address:X}"));
        _hasLast = true;
        _lastPoint = point;
        _lastChanges = vcpu.View.Changes;
        return FindMissingFetch(registers.Rip) is { } missing
            ? new MachineExit(MachineExitReason.Fault, missing, 1, AccessRight.Read)
            : new MachineExit(MachineExitReason.Fault, registers.Rip);
    }

    /// <summary>The first byte of the instruction that the view hides; null if it hides none.</summary>
    private ulong? FindMissingFetch(ulong rip)
    {
        for (ulong address = rip; address < rip + InstructionReader.MaximumLength; address++)
        {
            if (vcpu.View.RightAt(address) != AccessRight.None)
                continue;
            // Bytes that the instruction does not reach do not matter.
            return _reader.TryRead(vcpu.ReadCode(rip, (int)(address - rip)), rip, out _) ? null : address;
        }
        return null;
    }

    private MachineExit ReadException(in VcpuExit exit)
    {
        ulong rip = vcpu.Registers.Rip;
        if (exit.Vector == PageFault && (exit.ErrorCode & Fetch) != 0 && exit.Address < vcpu.View.Bytes
            && exit.Address >= GuestLayout.LowestAddress)
            return new MachineExit(MachineExitReason.NotCode, exit.Address);
        string text = Describe(rip);
        return Error(exit.Vector switch
        {
            PageFault when (exit.ErrorCode & Present) != 0 && exit.Address < vcpu.View.Bytes =>
                $"writes code at 0x{exit.Address:X}: {text}",
            PageFault when (exit.ErrorCode & Fetch) != 0 => $"goes on at 0x{exit.Address:X}, which is no memory of the guest",
            PageFault => $"{((exit.ErrorCode & Write) != 0 ? "writes" : "reads")} 0x{exit.Address:X}, which is no memory "
                + $"of the guest: {text}",
            DivideError => $"divides by zero, or the quotient does not fit: {text}",
            InvalidOpcode => $"executes what is no instruction of this processor: {text}",
            GeneralProtection => $"does what is not allowed at privilege level 3: {text}",
            _ => $"raises exception {exit.Vector} with error code 0x{exit.ErrorCode:X}: {text}",
        });
    }

    private string Describe(ulong rip)
    {
        ReadOnlySpan<byte> code = vcpu.ReadCode(rip, InstructionReader.MaximumLength);
        return _reader.TryRead(code, rip, out Instruction instruction) ? Disassembler.Text(instruction) : "unreadable code";
    }

    private static MachineExit Error(string what) => new(MachineExitReason.Error, Message: what);
}
