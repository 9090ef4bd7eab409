namespace Determinism.Debugging;

/// <summary>A run that has happened, as one sequence of steps: which instruction of which thread came after which.</summary>
/// <remarks>
/// <para>Position <c>n</c> is the state after the first <c>n</c> steps, complete: with all that devices and interrupts did
/// before the step after it. The same position is the same state whenever and however it is come to, and
/// <see cref="NextThread"/> and <see cref="NextAddress"/> belong to that state.</para>
/// <para>One call at a time, each from any thread. Each may throw a <see cref="DebugTargetException"/>.</para>
/// </remarks>
public interface IHistory
{
    /// <summary>The registers. Constant.</summary>
    TargetDescription Description { get; }

    /// <summary>Steps taken since the beginning.</summary>
    ulong Position { get; }

    /// <summary>The thread that takes the next step; 0 at the end.</summary>
    int NextThread { get; }

    /// <summary>Address of the next step's instruction; not defined at the end.</summary>
    ulong NextAddress { get; }

    /// <summary>The threads as they are now, at least one; their numbers never change.</summary>
    IReadOnlyList<DebugThread> Threads { get; }

    /// <summary>Goes forward until a position, the end, or a step that an observer stops at.</summary>
    /// <param name="limit">The position, not before this one.</param>
    /// <param name="observer">Told each step; null if nobody wants to know.</param>
    /// <param name="cancellationToken">Stops it soon, between two steps; it does not throw.</param>
    void Advance(ulong limit, IHistoryObserver? observer, CancellationToken cancellationToken);

    /// <summary>Goes to a position, forwards or backwards; to the end if there are fewer.</summary>
    /// <param name="position">The position.</param>
    /// <param name="cancellationToken">Gives it up; the history then stands anywhere.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    void Seek(ulong position, CancellationToken cancellationToken);

    /// <summary>The last position before another that is cheaper to go to than those behind it: a checkpoint's, or the
    /// beginning.</summary>
    /// <param name="position">The other, more than 0.</param>
    ulong CheckpointBefore(ulong position);

    /// <summary>Reads a register; as <see cref="IDebugTarget.TryReadRegister"/>.</summary>
    /// <param name="thread">One of <see cref="Threads"/>.</param>
    /// <param name="register">Its number.</param>
    /// <param name="destination">As many bytes as it has.</param>
    /// <returns>False: its value is not known.</returns>
    bool TryReadRegister(int thread, int register, Span<byte> destination);

    /// <summary>Reads memory; as <see cref="IDebugTarget.ReadMemory"/>.</summary>
    /// <param name="address">Where from.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>How many of the first bytes could be read.</returns>
    int ReadMemory(ulong address, Span<byte> destination);
}
