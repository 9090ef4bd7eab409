namespace Determinism;

/// <summary>What a VMM author implements once per hypervisor or emulator: the small contract between the SDK's
/// decisions and the machine that carries them out.</summary>
/// <remarks>Running a vCPU is not in it: that is the author's own exit loop.</remarks>
public interface IVmBackend
{
    /// <summary>What this backend can do. Constant.</summary>
    BackendCapabilities Capabilities { get; }

    /// <summary>Makes an agent's right to one frame of guest memory effective before returning. Called on the
    /// agent's thread while it is out of the guest, or on another's while the agent is parked; never for pseudo-frames,
    /// nor for agents that are not vCPUs.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="right">The right from now on.</param>
    void SetRight(int vcpu, ulong frame, AccessRight right);

    /// <summary>Gives every vCPU one right to all frames. Called while nobody runs: before, and between two sessions that hand the
    /// machine over.</summary>
    /// <param name="right">The right.</param>
    void SetAllRights(AccessRight right);

    /// <summary>Makes a running vCPU leave the guest soon, at a point that its clock names. Any thread; sticky until the
    /// vCPU has left once more.</summary>
    /// <param name="vcpu">The vCPU.</param>
    void RequestExit(int vcpu);

    /// <summary>Where a vCPU is. Called on its own thread, out of the guest, or on another's while the vCPU stands still.</summary>
    /// <param name="vcpu">The vCPU.</param>
    ExecutionPoint ReadPoint(int vcpu);

    /// <summary>Writes the vCPU's whole replayable state (registers, without what no program can rely on) for
    /// digests. Called on its own thread, out of the guest, or on another's while the vCPU stands still.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="destination">At least <see cref="StateBytes"/> long.</param>
    /// <returns>The bytes written.</returns>
    int CaptureState(int vcpu, Span<byte> destination);

    /// <summary>The most bytes that <see cref="CaptureState"/> writes; at most 4096.</summary>
    int StateBytes { get; }

    /// <summary>Copies guest memory out, past all rights: the caller holds them.</summary>
    /// <param name="address">Guest-physical address.</param>
    /// <param name="destination">Where to.</param>
    void ReadMemory(ulong address, Span<byte> destination);

    /// <summary>Copies into guest memory, past all rights: the caller holds them.</summary>
    /// <param name="address">Guest-physical address.</param>
    /// <param name="source">Where from.</param>
    void WriteMemory(ulong address, ReadOnlySpan<byte> source);
}
