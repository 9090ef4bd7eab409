namespace Determinism.Debugging;

/// <summary>What a debugger looks at and moves.</summary>
/// <remarks>
/// One call at a time, each from any thread; <see cref="Resume"/> alone may take long. Between calls nothing moves. Each may
/// throw a <see cref="DebugTargetException"/>: the debugger is told, and goes on. Any other exception is a bug and ends the
/// connection.
/// </remarks>
public interface IDebugTarget
{
    /// <summary>The registers. Constant.</summary>
    TargetDescription Description { get; }

    /// <summary>Whether the target goes backwards. Constant.</summary>
    bool IsReversible { get; }

    /// <summary>The threads as they are now, at least one.</summary>
    IReadOnlyList<DebugThread> Threads { get; }

    /// <summary>The thread to show first: the one that moves next, or has moved last.</summary>
    int CurrentThread { get; }

    /// <summary>Reads a register.</summary>
    /// <param name="thread">One of <see cref="Threads"/>.</param>
    /// <param name="register">Its number.</param>
    /// <param name="destination">As many bytes as it has; the least first.</param>
    /// <returns>False: its value is not known.</returns>
    bool TryReadRegister(int thread, int register, Span<byte> destination);

    /// <summary>Writes a register.</summary>
    /// <param name="thread">One of <see cref="Threads"/>.</param>
    /// <param name="register">Its number.</param>
    /// <param name="source">As many bytes as it has; the least first.</param>
    /// <exception cref="DebugTargetException">It cannot be written, as in every recording.</exception>
    void WriteRegister(int thread, int register, ReadOnlySpan<byte> source);

    /// <summary>Reads memory.</summary>
    /// <param name="address">Where from.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>How many of the first bytes could be read.</returns>
    int ReadMemory(ulong address, Span<byte> destination);

    /// <summary>Writes memory.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="source">What; not empty.</param>
    /// <exception cref="DebugTargetException">It cannot be written, as in every recording.</exception>
    void WriteMemory(ulong address, ReadOnlySpan<byte> source);

    /// <summary>Whether points of a kind stop it. Constant.</summary>
    /// <param name="kind">The kind.</param>
    bool Supports(DebugPointKind kind);

    /// <summary>Goes on until something stops it.</summary>
    /// <param name="request">How; its points are in force for this call.</param>
    /// <param name="interrupt">Stops it soon, with <see cref="DebugStop.Interrupted"/>; a target that has something else to tell
    /// may tell that.</param>
    /// <returns>How it has stopped.</returns>
    DebugStop Resume(ResumeRequest request, CancellationToken interrupt);

    /// <summary>Answers a command that the debugger itself does not know (<c>monitor</c>).</summary>
    /// <param name="command">The command.</param>
    /// <param name="interrupt">Ends it early.</param>
    /// <returns>What to print; lines that end with a line feed.</returns>
    string Monitor(string command, CancellationToken interrupt);
}
