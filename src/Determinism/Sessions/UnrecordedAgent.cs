using Determinism.Sessions;

namespace Determinism;

/// <summary>An agent that nobody watches.</summary>
internal sealed class UnrecordedAgent(UnrecordedSession session, int id) : AgentSession(session, id)
{
    private readonly WakeSignal _wake = new();
    private object? _openDevice;

    public override ulong CompletedEvents => 0;

    private protected override bool OnTryEnter(out RunSlice slice)
    {
        slice = new RunSlice(RunSlice.Unlimited);
        if (IsDue && session.Clock != ClockKind.None)
            slice = Shorten(slice);
        return !session.IsOver;
    }

    private protected override ulong OnInput(uint code, Func<ulong> source) => source();

    private protected override int OnInput(uint code, Span<byte> destination, InputSource source) => source(destination);

    private protected override bool OnAsynchronous(bool due, ulong value, out ulong recorded)
    {
        recorded = value;
        return due && IsNamed;
    }

    private protected override bool OnWaitForWake()
    {
        if (session.IsOver || session.IsStopping)
            return false;
        _wake.Wait();
        return !session.IsOver;
    }

    internal override void OnWake()
    {
        _wake.Set();
        session.Kick(Id);
    }

    private protected override void OnEnd()
    {
    }

    private protected override void OnExited()
    {
    }

    private protected override void OnGiveWay() => Thread.Yield();

    private protected override AccessRight BatonRight => AccessRight.Read;

    private protected override IEnumerable<FrameRequest> HeldFrames => [];

    private protected override bool Holds(FrameRequest request) => request.Frame < session.Shape.RamFrameCount;

    // The only frames not held are pseudo-frames, one to a span.
    private protected override bool Acquire(ReadOnlySpan<FrameRequest> requests)
    {
        _openDevice = session.Device(requests[^1].Frame);
        Monitor.Enter(_openDevice);
        return true;
    }

    private protected override void Reapply(FrameRequest request) =>
        Backend.SetRight(Id, request.Frame, AccessRight.ReadWrite);

    private protected override void OnMoved()
    {
    }

    private protected override void OnSpanClosed()
    {
        if (_openDevice is not null)
            Monitor.Exit(_openDevice);
        _openDevice = null;
    }

    private protected override void FinishPlace()
    {
    }
}
