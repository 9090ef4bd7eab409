namespace Determinism.Debugging;

/// <summary>How a target is to go on.</summary>
public sealed record ResumeRequest
{
    /// <summary>Whether to go backwards.</summary>
    public bool IsBackward { get; init; }

    /// <summary>Whether to stop when <see cref="Thread"/> has executed (backwards: un-executed) an instruction; otherwise only
    /// points, signals and ends stop it.</summary>
    public bool IsStep { get; init; }

    /// <summary>The thread that steps, or with <see cref="IsAlone"/> the one that was resumed; 0 for whichever comes
    /// next.</summary>
    public int Thread { get; init; }

    /// <summary>Whether the debugger wants no other thread to move. A recording moves them nevertheless where the past demands
    /// it, but must not report a stop of theirs for a step: what happened to them is reported at the next resumption.</summary>
    public bool IsAlone { get; init; }

    /// <summary>A step forward goes on while the thread's next instruction is from here on, up to <see cref="RangeEnd"/>.</summary>
    public ulong RangeStart { get; init; }

    /// <summary>First address after the range; a range without addresses is one instruction.</summary>
    public ulong RangeEnd { get; init; }

    /// <summary>The breakpoints and watchpoints.</summary>
    public IReadOnlyCollection<DebugPoint> Points { get; init; } = [];
}
