using System.Buffers;
using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.Log;
using Determinism.Ownership;
using Determinism.Sessions;

namespace Determinism.Recording;

/// <summary>An agent whose events are being recorded.</summary>
/// <remarks>Its stream is written by its own thread, or, while it is parked, by a winner that has claimed it.</remarks>
internal sealed partial class RecordingAgent : AgentSession
{
    private const int SmallEvent = 512;

    private readonly RecordingSession _session;
    private readonly EventEncoder _encoder;
    private readonly FrameRequest[] _wholeMachine;
    private readonly WakeSignal _wake = new();
    private readonly long[] _counts = new long[(int)EventKind.End + 1];
    private int _eventsSinceDigest;
    private long _exitedAt;
    private long _handoversAtExit;
    private long _elevationsAtExit;
    private int _served;
    private ulong _standingState;
    private long _eventsTold;
    private long _bytesTold;

    public RecordingAgent(RecordingSession session, int id, AgentCheckpoint? from)
        : base(session, id)
    {
        _session = session;
        _wholeMachine = [new FrameRequest(session.Shape.BatonFrame, AccessRight.ReadWrite)];
        _encoder = new EventEncoder(session.Shape.AgentCount);
        if (IsVcpu)
            Point = session.Backend.ReadPoint(id);
        SetPlace();
        if (from is null)
            return;
        Resume(from);
        _standingState = from.Progress.StateDigest;
        // What woke it between two sessions is not lost: it looks once more.
        _wake.Set();
    }

    public override ulong CompletedEvents => _session.Order.Completed(Id);

    public long EventBytes { get; private set; }

    public ReadOnlySpan<long> Counts => _counts;

    public IEnumerable<string> DescribeHistory() => History.Describe(Id);

    private CrewTracker<RecordingSink> Tracker => _session.Tracker;

    private protected override bool OnTryEnter(out RunSlice slice)
    {
        slice = default;
        bool isDelayed = false;
        while (!_session.IsOver)
        {
            if (IsNamed || _session.Plant == Plant.ServeAtHostExit)
            {
                AppendDigestIfDue();
                if (Tracker.IsAsked(Id) || (_givesWay && Tracker.IsWaitedFor(Id)))
                    Serve();
                // Once: who then has to wait for the machine runs before it gives way again.
                _givesWay = false;
                if (MustStand())
                {
                    Stand();
                    if (_session.Plant != Plant.DoNotStand)
                        continue;
                }
                if (!HoldsBaton())
                {
                    if (!AcquireBaton())
                        return false;
                    continue;
                }
                if (_session.Scheduler.MayDelay && !isDelayed)
                {
                    isDelayed = true;
                    slice = EnterParked();
                    continue;
                }
            }
            if (_session.Scope == OwnershipScope.Frames && !(_session.Plant == Plant.LeaveViewOpen && IsViewOpen))
                FitViewUncounted();
            if (!isDelayed)
                slice = _session.Scheduler.Enter(Id, Point, RunSlice.Unlimited);
            // What is pinned here is served as soon as the instruction has retired; what could not be served because the
            // host had caused the exit, at the next point: the kick that came with the request is used up. So is the one
            // that told of an interrupt which could not be delivered.
            // Nor does a vCPU stand still before an instruction that has faulted.
            if (Tracker.IsAsked(Id) || _session.Still.IsWanted || (IsDue && _session.Clock != ClockKind.None))
                slice = Shorten(slice);
            CountLoss();
            return true;
        }
        return false;
    }

    private protected override ulong OnInput(uint code, Func<ulong> source)
    {
        ulong value = source();
        var one = new StreamEvent { Kind = EventKind.Input, Code = code, Value = _session.PlantInput(value) };
        Append(ref one, default, default);
        return value;
    }

    private protected override int OnInput(uint code, Span<byte> destination, InputSource source)
    {
        int length = source(destination);
        var one = new StreamEvent { Kind = EventKind.Input, Code = code, HasBytes = true };
        Append(ref one, default, destination[..length]);
        return length;
    }

    private protected override bool OnAsynchronous(bool due, ulong value, out ulong recorded)
    {
        recorded = value;
        if (!due || !IsNamed)
            return false;
        var one = new StreamEvent { Kind = EventKind.Asynchronous, Value = value };
        Append(ref one, default, default);
        return true;
    }

    private protected override bool OnWaitForWake()
    {
        if (_session.IsOver || _session.IsStopping)
            return false;
        PrepareState();
        _session.Turns?.Sleeps(Id);
        BeginStanding();
        Tracker.Park(Id);
        _session.Still.Stand();
        _wake.Wait();
        _session.Still.Go();
        Tracker.Unpark(Id);
        _session.Turns?.Wakes(Id);
        if (Tracker.IsAsked(Id))
            Tracker.Serve(Id);
        ForgetPreparedState();
        return !_session.IsOver;
    }

    internal override void OnWake()
    {
        _isCalled = true;
        _wake.Set();
        _session.Kick(Id);
    }

    private protected override void OnEnd()
    {
        if (_session.IsOver)
            return;
        // Who had ended where the recording begins does not end again.
        if (!HasEnded)
        {
            AppendDigest();
            var one = new StreamEvent { Kind = EventKind.End };
            Append(ref one, default, default);
        }
        PrepareState();
        _session.Turns?.Sleeps(Id);
        HasEnded = true;
        BeginStanding();
        Tracker.End(Id);
        _session.Scheduler.End(Id);
        _session.Still.Stand();
    }

    /// <summary>What a checkpoint keeps of the agent. While all stand still.</summary>
    public AgentCheckpoint TakeDown() => new(StandsAt, ReadProgress(_standingState), _session.Order.ClockOf(Id),
        [.. Tracker.HeldBy(Id).Where(held => !_session.Promises.Cover(Id, held))]);

    /// <summary>What the session after this one needs of the agent. While all stand.</summary>
    public AgentCheckpoint TakeStandingDown() => TakeStand();

    /// <summary>Comes back from its wait: the session is over.</summary>
    public void EndWait() => _wake.Set();

    /// <summary>For the bug that a test has planted: before it runs.</summary>
    public void LoseWake() => _wake.Reset();

    public void Reduced(ulong frame, AccessRight oldRight, AccessRight newRight)
    {
        var one = new StreamEvent
        {
            Kind = EventKind.Reduction, Frame = frame, OldRight = oldRight, NewRight = newRight,
        };
        Append(ref one, default, default);
    }

    public void Elevated(ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints)
    {
        var one = new StreamEvent
        {
            Kind = EventKind.Elevation, Frame = frame, OldRight = oldRight, NewRight = newRight,
        };
        Append(ref one, constraints, default);
        if (newRight == AccessRight.ReadWrite)
            _session.Checkpoints?.Changes.Note(Id, frame);
    }

    private protected override AccessRight BatonRight => Tracker.GetRight(Id, _session.Shape.BatonFrame);

    private protected override IEnumerable<FrameRequest> HeldFrames => Tracker.HeldBy(Id);

    private protected override bool Holds(FrameRequest request) =>
        Tracker.GetRight(Id, request.Frame) >= request.Right || BatonRight == AccessRight.ReadWrite;

    private protected override bool Acquire(ReadOnlySpan<FrameRequest> requests)
    {
        // Whoever has the machine to itself needs nothing else.
        if (_session.Turns is { AreTaken: true })
            requests = _wholeMachine;
        // Reading the state takes a while; whoever holds the frames leaves the guest meanwhile.
        Tracker.Announce(Id, requests);
        try
        {
            PrepareState();
        }
        catch
        {
            Tracker.Withdraw(Id);
            throw;
        }
        bool isGranted = Tracker.Acquire(Id, requests) != AcquireOutcome.Aborted;
        ForgetPreparedState();
        return isGranted && !_session.IsOver;
    }

    private protected override void Reapply(FrameRequest request) => _session.SetRight(Id, request.Frame,
        BatonRight == AccessRight.ReadWrite ? AccessRight.ReadWrite : Tracker.GetRight(Id, request.Frame));

    private protected override void OnExited()
    {
        if (_session.Turns is { } turns && IsVcpu)
        {
            turns.Reach(Id, Point.Count);
            (_exitedAt, _handoversAtExit) = (turns.Now, Tracker.HandoversOf(Id));
            _elevationsAtExit = _counts[(int)EventKind.Elevation];
        }
    }

    private protected override void OnMoved() => Tracker.DropPins(Id);

    private protected override void OnSpanClosed()
    {
        if (_session.Plant == Plant.ForgetHolderAtSpanEnd)
            Tracker.ForgetEverywhere(Id);
        Tracker.DropPins(Id);
    }

    private protected override void FinishPlace()
    {
        AppendDigestIfDue();
        if (Tracker.IsAsked(Id))
            Serve();
    }

    private void Serve() => _served += Tracker.Serve(Id);

    private AccessRight WantedBaton => _session.Scope == OwnershipScope.Machine || _session.Turns is { AreTaken: true }
        ? AccessRight.ReadWrite : AccessRight.Read;

    private bool HoldsBaton() => BatonRight >= WantedBaton
        || (_session.Plant == Plant.EnterWithoutBaton && _session.Scope == OwnershipScope.Frames && IsViewOpen);

    private bool AcquireBaton()
    {
        bool isGranted = Acquire([new FrameRequest(_session.Shape.BatonFrame, WantedBaton)]);
        // Nothing has to retire before the baton may go on.
        Tracker.DropPins(Id);
        return isGranted;
    }

    /// <summary>What going from turns to side by side costs is no reason to go back at once.</summary>
    private void FitViewUncounted()
    {
        if (FitView() && _session.Turns is { } turns)
            _exitedAt = turns.Now;
    }

    /// <summary>What this exit has cost, if it was for the sake of others.</summary>
    private void CountLoss()
    {
        if (_session.Turns is not { } turns || !IsVcpu)
            return;
        if (_served > 0 || Tracker.HandoversOf(Id) != _handoversAtExit)
        {
            turns.Lose(_exitedAt, (int)(_counts[(int)EventKind.Elevation] - _elevationsAtExit));
            // What lies before is not charged again, if the guest gives way soon.
            if (_gaveWayAt != 0)
                _gaveWayAt = turns.Now;
        }
        _served = 0;
    }

    /// <summary>Whether the machine is to stand still, and the vCPU can. What is pinned would keep others
    /// from getting to where they can.</summary>
    private bool MustStand()
    {
        if (_session.CountsEvents)
            TellEvents();
        return _session.Still.IsWanted && !Tracker.HasPins(Id);
    }

    private void TellEvents()
    {
        long events = (long)CompletedEvents;
        if (events == _eventsTold)
            return;
        _session.CountEvents(events - _eventsTold, EventBytes - _bytesTold);
        (_eventsTold, _bytesTold) = (events, EventBytes);
    }

    private void Stand()
    {
        PrepareState();
        BeginStanding();
        Tracker.Park(Id);
        _session.Still.Stand();
        _session.Still.Go(waits: _session.Plant != Plant.DoNotStand);
        Tracker.Unpark(Id);
        ForgetPreparedState();
    }

    /// <summary>Takes the registers' digest on the vCPU's own thread, before it stands.</summary>
    private void BeginStanding()
    {
        if (_session.Checkpoints is null)
            return;
        if (_session.CountsEvents)
            TellEvents();
        _standingState = CaptureState();
    }

    private RunSlice EnterParked()
    {
        PrepareState();
        Tracker.Park(Id);
        RunSlice slice = _session.Scheduler.Enter(Id, Point, RunSlice.Unlimited);
        Tracker.Unpark(Id);
        ForgetPreparedState();
        return slice;
    }

    private void AppendDigestIfDue()
    {
        if (_session.DigestInterval > 0 && _eventsSinceDigest >= _session.DigestInterval)
            AppendDigest();
    }

    private void AppendDigest()
    {
        var one = new StreamEvent { Kind = EventKind.Digest, HasBytes = _session.KeepsStates && IsVcpu };
        Append(ref one, default, one.HasBytes ? ReadState() : default);
        _eventsSinceDigest = 0;
    }

    private void Append(ref StreamEvent one, ReadOnlySpan<OrderingConstraint> constraints, ReadOnlySpan<byte> bytes)
    {
        one.Place = Place;
        one.Position = Position + _session.PlantOffset(one.Kind);
        one.Check = MixEvent(one, bytes);
        if (one.Kind == EventKind.Digest)
            one.Value = Digest.Value;

        int room = EventEncoder.MaximumFixedBytes + (constraints.Length * EventEncoder.MaximumConstraintBytes) + bytes.Length;
        byte[]? rented = room > SmallEvent ? ArrayPool<byte>.Shared.Rent(room) : null;
        Span<byte> buffer = rented ?? stackalloc byte[SmallEvent];
        if (!_encoder.TryWrite(buffer, one, constraints, bytes, out int written))
            throw new DeterminismException("An event is longer than any event can be.");
        _session.Log.Append(Id, buffer[..written]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);

        History.Add(one);
        EventBytes += written;
        _counts[(int)one.Kind]++;
        _eventsSinceDigest++;
        _session.Order.Complete(Id);
    }
}
