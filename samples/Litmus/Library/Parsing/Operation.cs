namespace Determinism.Litmus;

/// <summary>What an instruction does.</summary>
public enum Operation
{
    /// <summary>MOV.</summary>
    Mov,

    /// <summary>MOVZX.</summary>
    Movzx,

    /// <summary>MOVSX and MOVSXD.</summary>
    Movsx,

    /// <summary>LEA.</summary>
    Lea,

    /// <summary>XCHG; atomic with memory.</summary>
    Xchg,

    /// <summary>XADD.</summary>
    Xadd,

    /// <summary>CMPXCHG.</summary>
    Cmpxchg,

    /// <summary>ADD.</summary>
    Add,

    /// <summary>SUB.</summary>
    Sub,

    /// <summary>AND.</summary>
    And,

    /// <summary>OR.</summary>
    Or,

    /// <summary>XOR.</summary>
    Xor,

    /// <summary>CMP.</summary>
    Cmp,

    /// <summary>TEST.</summary>
    Test,

    /// <summary>INC.</summary>
    Inc,

    /// <summary>DEC.</summary>
    Dec,

    /// <summary>NEG.</summary>
    Neg,

    /// <summary>NOT.</summary>
    Not,

    /// <summary>SHL by a constant.</summary>
    Shl,

    /// <summary>SHR by a constant.</summary>
    Shr,

    /// <summary>SAR by a constant.</summary>
    Sar,

    /// <summary>MFENCE.</summary>
    Mfence,

    /// <summary>LFENCE.</summary>
    Lfence,

    /// <summary>SFENCE.</summary>
    Sfence,

    /// <summary>NOP.</summary>
    Nop,

    /// <summary>PAUSE.</summary>
    Pause,

    /// <summary>JMP.</summary>
    Jmp,

    /// <summary>A conditional jump.</summary>
    Jcc,

    /// <summary>A conditional move.</summary>
    Cmovcc,

    /// <summary>A byte set by a condition.</summary>
    Setcc,
}
