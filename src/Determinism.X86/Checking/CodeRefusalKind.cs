namespace Determinism.X86;

/// <summary>What is wrong with an instruction.</summary>
public enum CodeRefusalKind
{
    /// <summary>The bytes are no instruction.</summary>
    Undecodable,

    /// <summary>It is not among <see cref="AllowedInstructions"/>.</summary>
    NotAllowed,

    /// <summary>It leads to, or is, an instruction that shares bytes with another.</summary>
    Overlap,

    /// <summary>Control goes on, or comes in, where there is no code.</summary>
    LeavesCode,

    /// <summary>It jumps to an address that only the running program knows.</summary>
    IndirectJump,

    /// <summary>It is on a cycle of control flow without a poll.</summary>
    CycleWithoutPoll,

    /// <summary>It is on a cycle of calls without a poll.</summary>
    CallCycleWithoutPoll,

    /// <summary>It is part of a poll that has not the shape of the guest ABI, or that can be entered in its middle.</summary>
    MalformedPoll,

    /// <summary>It writes R15 and is no poll.</summary>
    WritesPollCount,

    /// <summary>It may touch the limit of the software counter and is no poll.</summary>
    TouchesLimit,

    /// <summary>It is a poll after which a flag may be read.</summary>
    LiveFlags,

    /// <summary>It leaves a flag undefined that may be read.</summary>
    UndefinedFlags,
}
