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

    /// <summary>Sets all of a vCPU that has not run to where another one stood. Before anybody runs.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="registers">Its registers.</param>
    /// <param name="count">Its clock's count, where the registers do not hold it.</param>
    void Restore(int vcpu, in X86Registers registers, ulong count);

    /// <summary>Runs a vCPU until it leaves the guest. On its own thread.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="slice">How far.</param>
    MachineExit Run(int vcpu, RunSlice slice);

    /// <summary>Lets a vCPU execute code that was published, and write none of it. On its own thread, out of the guest.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="published">The frames of each piece, in the order of publication; what it was given before comes
    /// first. Addresses and sizes are multiples of 4096 and of the frame size.</param>
    void MapCode(int vcpu, IReadOnlyList<MemoryAccess> published);
}
