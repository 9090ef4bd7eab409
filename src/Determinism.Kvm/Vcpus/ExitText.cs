using Determinism.Kvm.Interop;

namespace Determinism.Kvm.Vcpus;

/// <summary>Says what an exit means that a recording cannot go on from: better no recording than one that is wrong.</summary>
internal static class ExitText
{
    private const uint EmulationFailed = 1;

    public static string Describe(in KvmRunArea run, ulong rip, ulong memoryBytes) => run.Reason switch
    {
        KvmExit.Mmio when run.MmioAddress < memoryBytes =>
            $"This host's KVM reports an access to RAM at 0x{run.MmioAddress:X} as one to a device, near 0x{rip:X}: it "
            + $"emulates instructions that meet a forbidden page, and the access is half done. {NotSound}",
        KvmExit.Mmio => $"The guest touches 0x{run.MmioAddress:X} near 0x{rip:X}, where there is no memory.",
        KvmExit.InternalError when run.InternalError == EmulationFailed =>
            $"This host's KVM tried to emulate the instruction at 0x{rip:X} and could not. {NotSound}",
        KvmExit.InternalError => $"KVM reports internal error {run.InternalError} at 0x{rip:X}.",
        KvmExit.Shutdown =>
            $"The vCPU shut down at 0x{rip:X}: an exception could not be delivered to the machine's own handlers.",
        KvmExit.Port => $"The guest does {run.PortCount} port accesses of {run.PortBytes} bytes at 0x{rip:X}; "
            + "services are single bytes out.",
        _ => $"KVM left the guest at 0x{rip:X} for the reason {(uint)run.Reason}, which this machine does not know.",
    };

    private static string NotSound => "Such a host cannot record soundly: guests must run at privilege level 3, and forbidden "
        + "accesses must leave the guest before they have any effect.";
}
