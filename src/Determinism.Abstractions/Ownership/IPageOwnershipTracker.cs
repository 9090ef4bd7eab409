namespace Determinism;

/// <summary>Who may touch which frame, and what must happen before a given agent may: the CREW protocol.</summary>
/// <remarks>
/// It decides; the backend applies. Each agent calls from one thread at a time, as itself; different agents call
/// concurrently. A right is lost only by a reduction in favour of a requester, and only while its holder stands at a
/// completed synchronous or stopped point (law L7): by itself in <see cref="Serve"/>, or by the winner while the
/// holder is parked.
/// </remarks>
public interface IPageOwnershipTracker
{
    /// <summary>Number of agents, at most 254.</summary>
    int AgentCount { get; }

    /// <summary>Number of frames, pseudo-frames included.</summary>
    ulong FrameCount { get; }

    /// <summary>The right that an agent holds now. Exact when asked by the agent itself.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="frame">The frame.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such agent or frame.</exception>
    AccessRight GetRight(int agent, ulong frame);

    /// <summary>
    /// Raises the agent's rights to all that one instruction or span needs, waiting for other holders where it must.
    /// Frames are acquired in ascending order and pinned until <see cref="DropPins"/> (law L5).
    /// </summary>
    /// <param name="agent">The agent that faulted; it must stand at a synchronous or stopped point.</param>
    /// <param name="requests">One entry a frame, ascending by frame, no frame twice.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="ArgumentException">The requests are not strictly ascending.</exception>
    /// <exception cref="OwnershipViolationException">A frame promised read-shared was written, or a private frame was
    /// touched by another agent.</exception>
    AcquireOutcome Acquire(int agent, ReadOnlySpan<FrameRequest> requests);

    /// <summary>Whether somebody waits for a right that the agent holds; a hint that costs one read.</summary>
    /// <param name="agent">The agent.</param>
    bool IsAsked(int agent);

    /// <summary>Serves every waiting request that the agent's rights stand in the way of, pinned frames excepted.
    /// The agent stands at a point that can be named.</summary>
    /// <param name="agent">The loser.</param>
    /// <returns>The number of rights reduced.</returns>
    int Serve(int agent);

    /// <summary>The agent has completed an event at another point than its pins were set at.</summary>
    /// <param name="agent">The agent.</param>
    void DropPins(int agent);

    /// <summary>The agent waits in the host at a named point: winners may reduce it meanwhile.</summary>
    /// <param name="agent">The agent.</param>
    void Park(int agent);

    /// <summary>The agent goes on; returns when no winner is acting on it.</summary>
    /// <param name="agent">The agent.</param>
    void Unpark(int agent);

    /// <summary>The agent ends at a named point. It stays holder of what it holds, and can be reduced for ever.</summary>
    /// <param name="agent">The agent.</param>
    void End(int agent);

    /// <summary>Promises, before anybody runs, that a range of frames is only ever read.</summary>
    /// <param name="firstFrame">The first frame.</param>
    /// <param name="count">Number of frames.</param>
    void PinShared(ulong firstFrame, ulong count);

    /// <summary>Promises, before anybody runs, that a range of frames is only ever touched by one agent.</summary>
    /// <param name="agent">That agent.</param>
    /// <param name="firstFrame">The first frame.</param>
    /// <param name="count">Number of frames.</param>
    void MakePrivate(int agent, ulong firstFrame, ulong count);

    /// <summary>Ends all waiting: requests under way, and later ones that would wait, come back as aborted.</summary>
    void Abort();
}
