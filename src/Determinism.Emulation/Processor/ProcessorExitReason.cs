namespace Determinism.Emulation;

/// <summary>Why <see cref="Processor.Run"/> came back.</summary>
internal enum ProcessorExitReason
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

    /// <summary>An instruction has a byte that is no code. RIP is on it.</summary>
    NotCode,

    /// <summary>An instruction that is not implemented, is nondeterministic, or is none. RIP is on it.</summary>
    Unsupported,

    /// <summary>A division by zero, or one whose quotient does not fit. RIP is on it.</summary>
    DivideError,

    /// <summary>A 16-byte operand that has to be aligned is not. RIP is on the instruction.</summary>
    GeneralProtection,
}
