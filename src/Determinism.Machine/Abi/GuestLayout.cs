namespace Determinism.Machine;

/// <summary>Where things are in the guest's memory; see docs/guest-abi.md.</summary>
public static class GuestLayout
{
    /// <summary>The boot information page.</summary>
    public const ulong BootInfo = 0x1000;

    /// <summary>The lowest address that a guest may touch.</summary>
    public const ulong LowestAddress = 0x1000;

    /// <summary>The control page of vCPU 0; the others follow.</summary>
    public const ulong ControlPages = 0x10_0000;

    /// <summary>The end of the range kept for control pages, outside of ownership and digests.</summary>
    public const ulong ControlPagesEnd = 0x20_0000;

    /// <summary>Bytes of one control page.</summary>
    public const ulong ControlPageBytes = 0x1000;

    /// <summary>Where images are loaded.</summary>
    public const ulong Image = 0x40_0000;

    /// <summary>Bytes of stack of each vCPU.</summary>
    public const ulong StackBytes = 0x1_0000;

    /// <summary>The most vCPUs.</summary>
    public const int MaximumVcpus = 64;

    /// <summary>Number of parameters in the boot information.</summary>
    public const int ParameterCount = 16;

    /// <summary>Interrupt vector of the timer.</summary>
    public const int TimerVector = 0;

    /// <summary>Interrupt vector of completed disk transfers.</summary>
    public const int DiskVector = 1;

    /// <summary>Bytes of a disk sector.</summary>
    public const int SectorBytes = 512;

    /// <summary>The control page of a vCPU; its GS base.</summary>
    /// <param name="vcpu">The vCPU.</param>
    public static ulong ControlPageOf(int vcpu) => ControlPages + ((ulong)vcpu * ControlPageBytes);

    /// <summary>The frames of the control pages: nobody's, so that they never come along with others. None where a frame is
    /// larger than all of them.</summary>
    internal static IReadOnlyList<FrameRange> ControlFrames(int pageShift)
    {
        ulong count = (ControlPagesEnd - ControlPages) >> pageShift;
        return count == 0 ? [] : [new FrameRange(ControlPages >> pageShift, count)];
    }

    /// <summary>Whether an address lies among the control pages, which nobody owns.</summary>
    /// <param name="address">The address.</param>
    public static bool IsControl(ulong address) => address is >= ControlPages and < ControlPagesEnd;
}
