namespace CustomBackend.Machine;

/// <summary>Why a CPU came out of its loop.</summary>
public enum CpuExitReason
{
    /// <summary>It reached the count that it was to stop at, or was asked to stop.</summary>
    Stopped,

    /// <summary>It was thrown out.</summary>
    ThrownOut,

    /// <summary>Its page table forbids what the next instruction does; nothing of it was done.</summary>
    Forbidden,

    /// <summary>It asks for a service; the instruction is done.</summary>
    Service,
}

/// <summary>How a CPU came out of its loop.</summary>
public readonly record struct CpuExit(CpuExitReason Reason, uint Service = 0);
