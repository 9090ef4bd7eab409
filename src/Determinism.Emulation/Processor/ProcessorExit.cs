namespace Determinism.Emulation;

/// <summary>Why <see cref="Processor.Run"/> came back.</summary>
public enum ProcessorExitReason
{
    /// <summary>The count has reached the value asked for.</summary>
    Stopped,

    /// <summary>Somebody called <see cref="Processor.RequestExit"/>.</summary>
    Requested,

    /// <summary>A frame's right is missing. Nothing of the instruction (of the iteration, in a repeated string instruction)
    /// has happened, and RIP is on it.</summary>
    Fault,

    /// <summary>OUT imm8, AL has retired; RIP is behind it.</summary>
    PortOut,

    /// <summary>An access outside memory, or below the lowest valid address. RIP is on the instruction.</summary>
    BadAddress,

    /// <summary>An instruction that is not implemented, is nondeterministic, or is none. RIP is on it.</summary>
    Unsupported,

    /// <summary>A division by zero, or one whose quotient does not fit. RIP is on it.</summary>
    DivideError,

    /// <summary>A 16-byte operand that has to be aligned is not. RIP is on the instruction.</summary>
    GeneralProtection,
}

/// <summary>Why a processor came back from running, with what is needed to act on it.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Access">The access that failed, for <see cref="ProcessorExitReason.Fault"/>,
/// <see cref="ProcessorExitReason.BadAddress"/> and <see cref="ProcessorExitReason.GeneralProtection"/>: the whole of it,
/// also where only one of two frames lacks its right. Other accesses of the instruction may fail after it.</param>
/// <param name="Port">The port, for <see cref="ProcessorExitReason.PortOut"/>.</param>
/// <param name="Message">Address, text and reason, for <see cref="ProcessorExitReason.Unsupported"/>.</param>
public readonly record struct ProcessorExit(ProcessorExitReason Reason, MemoryAccess Access, byte Port, string? Message);
