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
    /// <param name="access">The access. One that reads and writes is watched as either.</param>
    public bool Watches(in HistoryAccess access)
    {
        bool isOfKind = Kind switch
        {
            DebugPointKind.WriteWatchpoint => access.IsWrite,
            DebugPointKind.ReadWatchpoint => access.IsRead,
            DebugPointKind.AccessWatchpoint => access.IsRead || access.IsWrite,
            _ => false,
        };
        return isOfKind && access.Size > 0 && Size > 0
            && access.Address <= Address + (Size - 1) && Address <= access.Address + (access.Size - 1);
    }
}
