namespace Determinism.Conformance;

/// <summary>A tracker that grants everything to everybody and remembers nothing: for measuring and testing what stands
/// around a tracker. It keeps no law.</summary>
/// <param name="agentCount">Number of agents.</param>
/// <param name="frameCount">Number of frames.</param>
public sealed class NullTracker(int agentCount, ulong frameCount) : IPageOwnershipTracker
{
    /// <inheritdoc />
    public int AgentCount => agentCount;

    /// <inheritdoc />
    public ulong FrameCount => frameCount;

    /// <inheritdoc />
    public AccessRight GetRight(int agent, ulong frame) => AccessRight.ReadWrite;

    /// <inheritdoc />
    public AcquireOutcome Acquire(int agent, ReadOnlySpan<FrameRequest> requests) => AcquireOutcome.AlreadyHeld;

    /// <inheritdoc />
    public bool IsAsked(int agent) => false;

    /// <inheritdoc />
    public int Serve(int agent) => 0;

    /// <inheritdoc />
    public void DropPins(int agent)
    {
    }

    /// <inheritdoc />
    public void Park(int agent)
    {
    }

    /// <inheritdoc />
    public void Unpark(int agent)
    {
    }

    /// <inheritdoc />
    public void End(int agent)
    {
    }

    /// <inheritdoc />
    public void PinShared(ulong firstFrame, ulong count)
    {
    }

    /// <inheritdoc />
    public void MakePrivate(int agent, ulong firstFrame, ulong count)
    {
    }

    /// <inheritdoc />
    public void Abort()
    {
    }
}
