namespace Determinism;

/// <summary>What a tracker tells its owner while it changes rights; implemented by a struct so that the calls are
/// direct.</summary>
/// <remarks>
/// The call for an agent comes on that agent's own thread, or, while it is parked, on the thread that has claimed it;
/// never on two threads at once.
/// </remarks>
public interface IOwnershipSink
{
    /// <summary>Makes a right effective: when the call returns, the agent can do no more than
    /// <paramref name="right"/> (law L1).</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="right">The right from now on.</param>
    void Apply(int agent, ulong frame, AccessRight right);

    /// <summary>Appends the event of a right that fell, and completes it.</summary>
    /// <param name="agent">The loser.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="oldRight">What it had.</param>
    /// <param name="newRight">What is left.</param>
    void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight);

    /// <summary>Appends the event of a right that rose, and completes it.</summary>
    /// <param name="agent">The winner.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="oldRight">What it had.</param>
    /// <param name="newRight">What it has now.</param>
    /// <param name="constraints">What must have happened before; reduced (law L4).</param>
    void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints);

    /// <summary>Asks a running agent to leave the guest soon. May be called from any thread.</summary>
    /// <param name="agent">The agent.</param>
    void Kick(int agent);

    /// <summary>A steal was decided; for the sharing profile.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="winner">Who gets it.</param>
    /// <param name="loser">Who loses it.</param>
    void Stolen(ulong frame, int winner, int loser);
}
