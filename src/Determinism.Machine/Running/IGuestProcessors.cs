using Determinism.X86;

namespace Determinism.Machine;

/// <summary>The vCPUs of one machine, as a backend runs them: what the sample machine needs beyond
/// <see cref="IVmBackend"/>.</summary>
public interface IGuestProcessors : IVmBackend, IDisposable
{
    /// <summary>The memory that they share.</summary>
    GuestMemory Memory { get; }

    /// <summary>A vCPU's registers, to read and to change. On its own thread, out of the guest.</summary>
    /// <remarks>Backends may fetch the XMM registers as late as <see cref="IVmBackend.CaptureState"/>: what is here is sure to be
    /// theirs only after it.</remarks>
    /// <param name="vcpu">The vCPU.</param>
    ref X86Registers Registers(int vcpu);

    /// <summary>Runs a vCPU until it leaves the guest. On its own thread.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="slice">How far.</param>
    MachineExit Run(int vcpu, RunSlice slice);

    /// <summary>Makes a range executable and no longer writable for all vCPUs, before it returns. Called on a vCPU's thread,
    /// out of the guest, inside a span that holds the range.</summary>
    /// <param name="vcpu">That vCPU.</param>
    /// <param name="address">Its first byte; a multiple of 4096 and of the frame size.</param>
    /// <param name="bytes">Its size; a multiple of the same.</param>
    void PublishCode(int vcpu, ulong address, ulong bytes);
}
