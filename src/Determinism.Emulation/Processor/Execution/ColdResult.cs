namespace Determinism.Emulation;

/// <summary>How the hot loop goes on after a rare operation.</summary>
internal enum ColdResult
{
    /// <summary>With the next operation.</summary>
    Next,

    /// <summary>A conditional branch is taken.</summary>
    Branch,

    /// <summary>A conditional branch is not taken: behind its links.</summary>
    Skip,

    /// <summary>With the next operation, unless the store changed cached code.</summary>
    Stored,

    /// <summary>A repeated string instruction, the last of its block, has ended.</summary>
    Repeated,

    /// <summary>A repeated string instruction has paused because something wants attention.</summary>
    Interrupted,

    /// <summary>The instruction has retired and the processor leaves behind it.</summary>
    Left,

    /// <summary>The budget is used up before the operation.</summary>
    Stopped,

    /// <summary>The instruction cannot be executed; nothing of it has happened.</summary>
    Fault,
}
