namespace Determinism.Conformance.Tests;

/// <summary>Mistakes that a tracker's author could make.</summary>
public enum TrackerFlaw
{
    GrantsEverything,
    LiesAboutRights,
    InventsConstraints,
    ForgetsWhatItGranted,
    TakesReadsForWrites,
    LosesConstraints,
    KeepsImpliedConstraints,
    TakesFramesForTheirNeighbours,
    LetsTheWinnerInFirst,
    HidesSteals,
    ForgetsAgentsFrom32,
    TakesTheFirstFrameOnly,
    SortsRequests,
    WrapsNumbers,
    IgnoresPromises,
    KicksTheParked,
    TakesFromTheRunning,
    AsksAlways,
    ServesNobody,
    IgnoresParking,
    IgnoresEnds,
    DropsPinsAtOnce,
    IgnoresAborts,
    ServesNobodyWhileOthersWait,
    Allocates,
}

/// <summary>The reference tracker with one mistake in it, or around it.</summary>
internal sealed class BrokenTracker : IPageOwnershipTracker
{
    private readonly TrackerFlaw _flaw;
    private readonly IPageOwnershipTracker _inner;
    private readonly BrokenSink _sink;
    private int _requests;

    public BrokenTracker(TrackerFlaw flaw, int agentCount, ulong frameCount, IOwnershipSink sink)
    {
        _flaw = flaw;
        _sink = new BrokenSink(flaw, agentCount, sink);
        _inner = flaw switch
        {
            TrackerFlaw.GrantsEverything => new NullTracker(agentCount, frameCount),
            TrackerFlaw.KeepsImpliedConstraints => CountingSink.Track(agentCount, frameCount, sink, reduces: false),
            TrackerFlaw.Allocates => CountingSink.Track(agentCount, frameCount, sink),
            _ => new InMemoryTracker(agentCount, frameCount, _sink),
        };
    }

    public int AgentCount => _inner.AgentCount;

    public ulong FrameCount => _inner.FrameCount;

    public AccessRight GetRight(int agent, ulong frame)
    {
        Allocate();
        return _flaw == TrackerFlaw.LiesAboutRights ? AccessRight.Read : _inner.GetRight(Agent(agent), Frame(frame));
    }

    public AcquireOutcome Acquire(int agent, ReadOnlySpan<FrameRequest> requests)
    {
        Allocate();
        List<FrameRequest> changed = [.. requests.ToArray().Select(request => new FrameRequest(
            Frame(request.Frame),
            _flaw == TrackerFlaw.TakesReadsForWrites ? AccessRight.ReadWrite : request.Right))];
        switch (_flaw)
        {
            case TrackerFlaw.TakesTheFirstFrameOnly:
                changed = [.. changed.Take(1)];
                break;
            case TrackerFlaw.SortsRequests or TrackerFlaw.TakesFramesForTheirNeighbours:
                changed = [.. changed.GroupBy(request => request.Frame)
                    .Select(group => new FrameRequest(group.Key, group.Max(request => request.Right)))
                    .OrderBy(request => request.Frame)];
                break;
            case TrackerFlaw.TakesFromTheRunning:
                for (int other = 0; other < AgentCount; other++)
                {
                    if (other != agent)
                        _inner.Park(other);
                }
                break;
        }
        Interlocked.Increment(ref _requests);
        AcquireOutcome outcome = _inner.Acquire(Agent(agent), changed.ToArray());
        Interlocked.Decrement(ref _requests);
        if (_flaw == TrackerFlaw.DropsPinsAtOnce)
            _inner.DropPins(agent);
        if (_flaw == TrackerFlaw.ForgetsWhatItGranted && outcome == AcquireOutcome.AlreadyHeld && changed.Count > 0)
        {
            _sink.Apply(agent, changed[0].Frame, changed[0].Right);
            _sink.Elevated(agent, changed[0].Frame, AccessRight.None, changed[0].Right, default);
            return AcquireOutcome.Granted;
        }
        return outcome;
    }

    public bool IsAsked(int agent) => _flaw == TrackerFlaw.AsksAlways || _inner.IsAsked(agent);

    public int Serve(int agent)
    {
        // As if both took one lock, and the request kept it while it waits.
        if (_flaw == TrackerFlaw.ServesNobodyWhileOthersWait)
            Hang.While(() => Volatile.Read(ref _requests) > 0);
        return _flaw == TrackerFlaw.ServesNobody ? 0 : _inner.Serve(Agent(agent));
    }

    public void DropPins(int agent) => _inner.DropPins(agent);

    public void Park(int agent)
    {
        Allocate();
        if (_flaw != TrackerFlaw.IgnoresParking)
            _inner.Park(Agent(agent));
    }

    public void Unpark(int agent) => _inner.Unpark(agent);

    public void End(int agent)
    {
        if (_flaw != TrackerFlaw.IgnoresEnds)
            _inner.End(agent);
    }

    public void PinShared(ulong firstFrame, ulong count)
    {
        if (_flaw != TrackerFlaw.IgnoresPromises)
            _inner.PinShared(Frame(firstFrame), count);
    }

    public void MakePrivate(int agent, ulong firstFrame, ulong count)
    {
        if (_flaw != TrackerFlaw.IgnoresPromises)
            _inner.MakePrivate(agent, Frame(firstFrame), count);
    }

    public void Abort()
    {
        if (_flaw != TrackerFlaw.IgnoresAborts)
            _inner.Abort();
    }

    private int Agent(int agent) => _flaw == TrackerFlaw.WrapsNumbers ? Math.Abs(agent) % AgentCount : agent;

    private ulong Frame(ulong frame) => _flaw switch
    {
        TrackerFlaw.WrapsNumbers => frame % FrameCount,
        TrackerFlaw.TakesFramesForTheirNeighbours => (frame + 1) & ~3UL,
        _ => frame,
    };

    private void Allocate()
    {
        if (_flaw == TrackerFlaw.Allocates)
            GC.KeepAlive(new byte[16]);
    }

    /// <summary>What the tracker tells, with the mistake in it.</summary>
    private sealed class BrokenSink(TrackerFlaw flaw, int agentCount, IOwnershipSink inner) : IOwnershipSink
    {
        private readonly List<Action> _late = [];

        public void Apply(int agent, ulong frame, AccessRight right)
        {
            if (flaw == TrackerFlaw.LetsTheWinnerInFirst && right < AccessRight.ReadWrite)
                _late.Add(() => inner.Apply(agent, frame, right));
            else
                inner.Apply(agent, frame, right);
        }

        public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight)
        {
            if (flaw == TrackerFlaw.KicksTheParked)
                inner.Kick(agent);
            if (flaw == TrackerFlaw.LetsTheWinnerInFirst)
                _late.Add(() => inner.Reduced(agent, frame, oldRight, newRight));
            else
                inner.Reduced(agent, frame, oldRight, newRight);
        }

        public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
            ReadOnlySpan<OrderingConstraint> constraints)
        {
            OrderingConstraint[] told = flaw switch
            {
                TrackerFlaw.LosesConstraints => [],
                TrackerFlaw.InventsConstraints => [.. constraints, new OrderingConstraint((agent + 1) % agentCount, 1)],
                TrackerFlaw.ForgetsAgentsFrom32 => [.. constraints.ToArray().Where(one => one.Agent < 32)],
                _ => constraints.ToArray(),
            };
            inner.Elevated(agent, frame, oldRight, newRight, told);
            foreach (Action call in _late)
                call();
            _late.Clear();
        }

        public void Kick(int agent) => inner.Kick(agent);

        public void Stolen(ulong frame, int winner, int loser)
        {
            if (flaw != TrackerFlaw.HidesSteals)
                inner.Stolen(frame, winner, loser);
        }
    }
}
