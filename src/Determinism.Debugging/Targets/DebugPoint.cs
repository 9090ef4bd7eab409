namespace Determinism.Debugging;

/// <summary>A breakpoint or watchpoint.</summary>
/// <param name="Kind">What it stops at.</param>
/// <param name="Address">The instruction's address, or the first byte watched.</param>
/// <param name="Size">Bytes watched, at least 1, not past the end of the address space; of a breakpoint, what the debugger calls
/// its kind.</param>
public readonly record struct DebugPoint(DebugPointKind Kind, ulong Address, ulong Size)
{
    /// <summary>Whether it is a breakpoint.</summary>
    public bool IsBreakpoint => Kind is DebugPointKind.SoftwareBreakpoint or DebugPointKind.HardwareBreakpoint;

    /// <summary>Whether it watches an access.</summary>
    /// <param name="address">The access's first byte.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="isWrite">Whether it may have written; otherwise it has only read.</param>
    public bool Watches(ulong address, ulong size, bool isWrite) =>
        (Kind == DebugPointKind.AccessWatchpoint || Kind == (isWrite ? DebugPointKind.WriteWatchpoint : DebugPointKind.ReadWatchpoint))
        && size > 0 && Size > 0 && address <= Address + (Size - 1) && Address <= address + (size - 1);
}
