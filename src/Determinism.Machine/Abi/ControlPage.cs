using System.Runtime.InteropServices;

namespace Determinism.Machine;

/// <summary>The words through which a vCPU and the VMM meet without an exit; outside of ownership, digests and logs.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public struct ControlPage
{
    /// <summary>A poll whose count is not less traps. Written by any thread of the VMM, read by the guest.</summary>
    [FieldOffset(8)]
    public ulong Limit;

    /// <summary>Not zero: no interrupt may be delivered. Written by the guest, and by the VMM while the vCPU is out of
    /// the guest.</summary>
    [FieldOffset(16)]
    public uint InterruptMask;

    /// <summary>The vCPU's number.</summary>
    [FieldOffset(24)]
    public uint Vcpu;
}
