using Determinism.Checkpoints;
using Determinism.Sessions;

namespace Determinism;

/// <summary>An agent that nobody watches.</summary>
internal sealed class UnrecordedAgent : AgentSession
{
    private readonly UnrecordedSession _session;
    private readonly WakeSignal _wake = new();
    private object? _openDevice;

    public UnrecordedAgent(UnrecordedSession session, int id, AgentCheckpoint? from)
        : base(session, id)
    {
        _session = session;
        if (IsVcpu)
            Point = session.Backend.ReadPoint(id);
        SetPlace();
        if (from is null)
            return;
        Resume(from);
        // What woke it between two sessions is not lost: it looks once more.
        _wake.Set();
    }

    public override ulong CompletedEvents => 0;

    private protected override bool OnTryEnter(out RunSlice slice)
    {
        slice = new RunSlice(RunSlice.Unlimited);
        bool mustStand = _session.Still.IsWanted;
        if (mustStand && IsNamed)
        {
            _session.Still.Stand();
            _session.Still.Go();
            mustStand = false;
        }
        // Where it cannot be named, it comes to where it can.
        if ((IsDue || mustStand) && _session.Clock != ClockKind.None)
            slice = Shorten(slice);
        return !_session.IsOver;
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
        if (_session.IsOver || _session.IsStopping)
            return false;
        _session.Still.Stand();
        _wake.Wait();
        _session.Still.Go();
        return !_session.IsOver;
    }

    internal override void OnWake()
    {
        _wake.Set();
        _session.Kick(Id);
    }

    private protected override void OnEnd()
    {
        if (_session.IsOver)
            return;
        HasEnded = true;
        _session.Still.Stand();
    }

    /// <summary>Comes back from its wait: the session is over.</summary>
    public void EndWait() => _wake.Set();

    /// <summary>For the bug that a test has planted: before it runs.</summary>
    public void LoseWake() => _wake.Reset();

    /// <summary>Where it stands. While all stand.</summary>
    public AgentCheckpoint TakeDown() => TakeStand();

    private protected override void OnExited()
    {
    }

    private protected override void OnGiveWay() => Thread.Yield();

    private protected override AccessRight BatonRight => AccessRight.Read;

    private protected override IEnumerable<FrameRequest> HeldFrames => [];

    private protected override bool Holds(FrameRequest request) => request.Frame < _session.Shape.RamFrameCount;

    // The only frames not held are pseudo-frames, one to a span.
    private protected override bool Acquire(ReadOnlySpan<FrameRequest> requests)
    {
        _openDevice = _session.Device(requests[^1].Frame);
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
