namespace Determinism.Debugging;

/// <summary>Why a target stopped.</summary>
public enum DebugStopReason
{
    /// <summary>A signal, in the debugger's own numbering; a step that is done is SIGTRAP, an interrupt SIGINT.</summary>
    Signal,

    /// <summary>A thread has come to a breakpoint.</summary>
    Breakpoint,

    /// <summary>A thread has touched what is watched.</summary>
    Watchpoint,

    /// <summary>Nothing is before this.</summary>
    HistoryBegin,

    /// <summary>Nothing is known after this.</summary>
    HistoryEnd,

    /// <summary>The program has ended with an exit code.</summary>
    Exited,
}
