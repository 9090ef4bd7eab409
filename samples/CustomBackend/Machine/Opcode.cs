namespace CustomBackend.Machine;

/// <summary>The instructions. One is 8 bytes: opcode, three registers, and a number of 32 bits.</summary>
public enum Opcode : byte
{
    /// <summary>No instruction: empty memory does not run.</summary>
    None = 0,

    /// <summary>a = number.</summary>
    Set,

    /// <summary>a = b + number.</summary>
    AddNumber,

    /// <summary>a = b + c.</summary>
    Add,

    /// <summary>a = b * c.</summary>
    Multiply,

    /// <summary>a = b ^ (b &gt;&gt; number).</summary>
    Fold,

    /// <summary>a = the word at b + number.</summary>
    Load,

    /// <summary>The word at b + number = a.</summary>
    Store,

    /// <summary>The word at a = the word at b, in one instruction.</summary>
    Move,

    /// <summary>The word at b + number += a, atomically; it must be aligned.</summary>
    AtomicAdd,

    /// <summary>Go to number if a is not zero.</summary>
    JumpIf,

    /// <summary>Ask the monitor for service number.</summary>
    Service,

    /// <summary>Go back to where the interrupt came.</summary>
    Return,
}
