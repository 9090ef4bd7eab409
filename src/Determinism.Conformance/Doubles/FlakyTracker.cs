namespace Determinism.Conformance;

/// <summary>A tracker whose calls are delayed, come in another order, or fail. With delays alone it keeps every law that
/// the one behind it keeps.</summary>
/// <param name="inner">Does the work.</param>
/// <param name="options">What happens to the calls; no number of it is negative.</param>
public sealed class FlakyTracker(IPageOwnershipTracker inner, FlakyOptions options) : IPageOwnershipTracker
{
    private readonly FlakyCalls _calls = new(inner, options);

    /// <inheritdoc />
    public int AgentCount => inner.AgentCount;

    /// <inheritdoc />
    public ulong FrameCount => inner.FrameCount;

    /// <inheritdoc />
    public AccessRight GetRight(int agent, ulong frame) => inner.GetRight(agent, frame);

    /// <inheritdoc />
    /// <exception cref="InjectedFailureException">It fails, and has done nothing.</exception>
    public AcquireOutcome Acquire(int agent, ReadOnlySpan<FrameRequest> requests)
    {
        _calls.Hit(nameof(Acquire));
        return inner.Acquire(agent, requests);
    }

    /// <inheritdoc />
    public bool IsAsked(int agent) => inner.IsAsked(agent);

    /// <inheritdoc />
    public int Serve(int agent)
    {
        _calls.Delay();
        return inner.Serve(agent);
    }

    /// <inheritdoc />
    public void DropPins(int agent) => inner.DropPins(agent);

    /// <inheritdoc />
    public void Park(int agent)
    {
        _calls.Delay();
        inner.Park(agent);
    }

    /// <inheritdoc />
    public void Unpark(int agent)
    {
        _calls.Delay();
        inner.Unpark(agent);
    }

    /// <inheritdoc />
    public void End(int agent)
    {
        _calls.Delay();
        inner.End(agent);
    }

    /// <inheritdoc />
    public void PinShared(ulong firstFrame, ulong count) => inner.PinShared(firstFrame, count);

    /// <inheritdoc />
    public void MakePrivate(int agent, ulong firstFrame, ulong count) => inner.MakePrivate(agent, firstFrame, count);

    /// <inheritdoc />
    public void Abort() => inner.Abort();
}
