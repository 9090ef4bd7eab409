namespace Determinism;

/// <summary>Why a vCPU left the guest, as far as naming the point goes (law L7).</summary>
public enum ExitKind : byte
{
    /// <summary>The host caused it (kick, signal, page fault of the host): not a point, never counted, never
    /// logged; nothing is served there.</summary>
    Host = 0,

    /// <summary>An access without the right: nothing of the instruction has happened. A point if a right is raised
    /// there; otherwise (a stale protection) as good as <see cref="Host"/>.</summary>
    Fault = 1,

    /// <summary>The vCPU left by itself for an instruction that the VMM completes: I/O, a hypercall, a halt. It
    /// recurs by itself on replay. A clock that stops anywhere has counted that instruction already: a stop at the count
    /// before it comes first.</summary>
    Synchronous = 2,

    /// <summary>The vCPU was stopped where its clock can name the point: at any instruction for clocks that stop
    /// anywhere, at a poll for the software counter.</summary>
    Stopped = 3,
}
