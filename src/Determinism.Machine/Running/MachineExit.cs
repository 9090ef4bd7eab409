namespace Determinism.Machine;

/// <summary>Why a vCPU left the guest.</summary>
public enum MachineExitReason : byte
{
    /// <summary>The host wanted it: not a point.</summary>
    Host = 0,

    /// <summary>It was stopped where its clock names the point: at a count, or because it was asked.</summary>
    Stopped = 1,

    /// <summary>An access without the right; nothing of the instruction has happened.</summary>
    Fault = 2,

    /// <summary>An <c>OUT imm8, AL</c>, retired.</summary>
    Port = 3,

    /// <summary>The guest did what no guest may.</summary>
    Error = 4,

    /// <summary>The next instruction has a byte where the vCPU has no code, whatever right it has there; nothing of it has
    /// happened.</summary>
    NotCode = 5,
}

/// <summary>How a vCPU left the guest.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Address">Of a fault: where the access that failed begins. Of missing code: the byte.</param>
/// <param name="Size">Of a fault: bytes of the access that failed.</param>
/// <param name="Right">Of a fault: the right that is missing. <see cref="AccessRight.None"/>: the backend cannot tell what
/// failed; the instruction that the vCPU stands on does.</param>
/// <param name="Port">Of a port exit: the service asked for.</param>
/// <param name="Message">Of an error: what the guest did.</param>
public readonly record struct MachineExit(
    MachineExitReason Reason, ulong Address = 0, uint Size = 0, AccessRight Right = AccessRight.None, GuestPort Port = 0,
    string? Message = null);
