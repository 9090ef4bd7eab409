namespace Determinism.Debugging;

/// <summary>What a <see cref="DebugPoint"/> stops at. The values are those of the protocol's packets.</summary>
public enum DebugPointKind
{
    /// <summary>A breakpoint that the debugger calls a software one; memory is not changed for it.</summary>
    SoftwareBreakpoint = 0,

    /// <summary>A breakpoint that the debugger calls a hardware one.</summary>
    HardwareBreakpoint = 1,

    /// <summary>Writes to memory.</summary>
    WriteWatchpoint = 2,

    /// <summary>Reads of memory.</summary>
    ReadWatchpoint = 3,

    /// <summary>Reads and writes of memory.</summary>
    AccessWatchpoint = 4,
}
