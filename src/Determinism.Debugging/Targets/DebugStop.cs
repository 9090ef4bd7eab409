namespace Determinism.Debugging;

/// <summary>How a target has stopped.</summary>
public sealed record DebugStop
{
    /// <summary>The debugger's number for an interrupt.</summary>
    public const int InterruptSignal = 2;

    /// <summary>The debugger's number for a step that is done.</summary>
    public const int TrapSignal = 5;

    private DebugStop(DebugStopReason reason, int thread)
    {
        Reason = reason;
        Thread = thread;
    }

    /// <summary>Why.</summary>
    public DebugStopReason Reason { get; }

    /// <summary>The thread that it happened to; 0 if the program has ended.</summary>
    public int Thread { get; }

    /// <summary>The point that was hit, of <see cref="DebugStopReason.Breakpoint"/> and
    /// <see cref="DebugStopReason.Watchpoint"/>.</summary>
    public DebugPoint Point { get; private init; }

    /// <summary>Of <see cref="DebugStopReason.Watchpoint"/>: the first byte that is watched and was touched.</summary>
    public ulong Address { get; private init; }

    /// <summary>Of <see cref="DebugStopReason.Signal"/>: its number. Of <see cref="DebugStopReason.Exited"/>: the exit
    /// code.</summary>
    public int Number { get; private init; }

    /// <summary>A step is done.</summary>
    /// <param name="thread">The thread.</param>
    public static DebugStop Stepped(int thread) => Signal(thread, TrapSignal);

    /// <summary>The debugger wanted it.</summary>
    /// <param name="thread">The thread.</param>
    public static DebugStop Interrupted(int thread) => Signal(thread, InterruptSignal);

    /// <summary>A signal.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="signal">Its number, 0 to 255.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number does not fit into a byte.</exception>
    public static DebugStop Signal(int thread, int signal) =>
        new(DebugStopReason.Signal, thread) { Number = CheckByte(signal, nameof(signal)) };

    /// <summary>A thread has come to a breakpoint.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="point">The breakpoint.</param>
    public static DebugStop AtBreakpoint(int thread, DebugPoint point) => new(DebugStopReason.Breakpoint, thread) { Point = point };

    /// <summary>A thread has touched what is watched.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="point">The watchpoint.</param>
    /// <param name="address">The first byte that is watched and was touched.</param>
    public static DebugStop AtWatchpoint(int thread, DebugPoint point, ulong address) =>
        new(DebugStopReason.Watchpoint, thread) { Point = point, Address = address };

    /// <summary>Nothing is before this.</summary>
    /// <param name="thread">The thread that is shown.</param>
    public static DebugStop HistoryBegin(int thread) => new(DebugStopReason.HistoryBegin, thread);

    /// <summary>Nothing is known after this.</summary>
    /// <param name="thread">The thread that is shown.</param>
    public static DebugStop HistoryEnd(int thread) => new(DebugStopReason.HistoryEnd, thread);

    /// <summary>The program has ended.</summary>
    /// <param name="exitCode">Its exit code, 0 to 255.</param>
    /// <exception cref="ArgumentOutOfRangeException">The code does not fit into a byte.</exception>
    public static DebugStop Exited(int exitCode) =>
        new(DebugStopReason.Exited, 0) { Number = CheckByte(exitCode, nameof(exitCode)) };

    private static int CheckByte(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, byte.MaxValue, name);
        return value;
    }
}
