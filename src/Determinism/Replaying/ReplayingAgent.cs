using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Sessions;

namespace Determinism.Replaying;

/// <summary>An agent that does again what its stream says; every event is checked against what happens (law L8).</summary>
internal sealed partial class ReplayingAgent : AgentSession
{
    private readonly ReplaySession _session;
    private readonly EventCursor _cursor;
    private readonly Dictionary<ulong, AccessRight> _rights = [];
    private readonly RightChanges _changes;
    private readonly long[] _counts = new long[(int)EventKind.End + 1];
    private uint _lastInput = uint.MaxValue;

    // Number of the latest event that others have heard of.
    private ulong _told;
    private bool _hasDiverged;
    private readonly bool _hadEnded;

    // Where it stood when the recording was detached.
    private readonly AgentPosition? _end;

    public ReplayingAgent(ReplaySession session, int id, IEventLogReader reader, AgentCheckpoint? from, AgentPosition? end)
        : base(session, id)
    {
        _session = session;
        _end = end;
        _changes = new RightChanges(session, id);
        if (from is null)
        {
            _cursor = new EventCursor(reader, id, session.Shape.AgentCount);
            if (IsVcpu)
                Point = session.Backend.ReadPoint(id);
            SetPlace();
            return;
        }
        _cursor = EventCursors.After(reader, id, from.Position.Events);
        foreach (FrameRequest held in from.Rights)
            _rights[held.Frame] = held.Right;
        // Everybody shares the machine, unless it was taken from this one.
        if (RightTo(session.Shape.BatonFrame) != AccessRight.None && !_rights.ContainsKey(session.Shape.BatonFrame))
            _rights[session.Shape.BatonFrame] = AccessRight.None;
        _hadEnded = from.Progress.HasEnded;
        Resume(from);
        _told = _cursor.Consumed;
        session.Scheduler.Publish(id, _told);
    }

    public override ulong CompletedEvents => _cursor.Consumed;

    /// <summary>Whether it stands between two operations of one work. While it stands.</summary>
    public bool IsAtWork { get; private set; }

    public long ConstraintCount { get; private set; }

    /// <summary>Whether it came to the end that the log has for it.</summary>
    public bool ReachedEnd => HasEnded || (ReachedEndOfLog && _end?.Events == CompletedEvents);

    public bool ReachedEndOfLog { get; private set; }

    public ReadOnlySpan<long> Counts => _counts;

    private protected override bool KeepsSlices => true;

    private protected override bool OnTryEnter(out RunSlice slice)
    {
        slice = default;
        if (_session.IsOver)
            return false;
        ComeHere();
        AgentPosition? goal = Goal ?? WayToEnd;
        if (_session.IsOver || (goal is null && IsAtEndOfLog()))
            return false;
        if (goal is { } passed && IsNamed && Place == passed.Place && Position > passed.Position)
            throw Diverged($"the agent passes {passed}, where it was to stand");
        ulong end = goal is { Place: PlaceKind.Count } ? goal.Value.Position : RunSlice.Unlimited;
        // The recording was cut short somewhere behind the cut.
        if (goal is not null && !_cursor.MoveToNext())
        {
            slice = Enter(end);
            return true;
        }
        ref readonly StreamEvent next = ref _cursor.Next;
        // The recording was stopped here a second time, before anything had retired: so is the replay.
        bool isStoppedAgain = IsVcpu && StopsAnywhere && next.Kind == EventKind.Asynchronous;
        if ((IsHere(next) && !isStoppedAgain) || IsPassed(next))
            throw Diverged("the guest goes on", IsPassed(next) ? "a point was overshot" : "");
        ulong stopAt = next.Place == PlaceKind.Count ? next.Position : RunSlice.Unlimited;
        slice = Enter(Math.Min(stopAt, end));
        return true;
    }

    private RunSlice Enter(ulong stopAt)
    {
        RunSlice slice = _session.Scheduler.Enter(Id, Point, stopAt);
        if (IsByProtection && _session.Scope == OwnershipScope.Frames)
            FitView();
        return slice;
    }

    private protected override ulong OnInput(uint code, Func<ulong> source)
    {
        ExpectInput(code, hasBytes: false);
        ulong value = _cursor.Next.Value;
        Consume();
        return value;
    }

    private protected override int OnInput(uint code, Span<byte> destination, InputSource source)
    {
        ExpectInput(code, hasBytes: true);
        ReadOnlySpan<byte> bytes = _cursor.Bytes;
        if (bytes.Length > destination.Length)
            throw Diverged($"an input of at most {destination.Length} bytes");
        bytes.CopyTo(destination);
        int length = bytes.Length;
        Consume();
        return length;
    }

    private protected override bool OnAsynchronous(bool due, ulong value, out ulong recorded)
    {
        recorded = 0;
        if (!IsNamed || _session.IsOver)
            return false;
        ConsumeRights();
        // What has arrived is another event at this place, and there may be a cut before it.
        if (_cursor.MoveToNext() && IsHere(_cursor.Next) && _cursor.Next.Kind == EventKind.Asynchronous)
            ComeHere();
        if (_session.IsOver)
            return false;
        if (!_cursor.MoveToNext() || !IsHere(_cursor.Next) || _cursor.Next.Kind != EventKind.Asynchronous)
            return false;
        recorded = _cursor.Next.Value;
        Consume();
        return true;
    }

    private protected override bool OnWaitForWake()
    {
        if (_session.IsOver)
            return false;
        ComeHere();
        if (_session.IsOver || IsAtEndOfLog())
            return false;
        ref readonly StreamEvent next = ref _cursor.Next;
        if (!IsHere(next) || next.Kind is not (EventKind.Asynchronous or EventKind.End))
            throw Diverged("the agent waits to be woken");
        return next.Kind == EventKind.Asynchronous;
    }

    internal override void OnWake()
    {
    }

    private protected override void OnEnd()
    {
        if (_session.IsOver || ReachedEndOfLog || _hasDiverged)
            return;
        if (!_hadEnded)
        {
            ConsumeRights();
            Expect(EventKind.End, "the agent ends");
            Consume();
        }
        HasEnded = true;
        // What was taken from it after its end.
        ComeHere();
        if (_session.IsOver)
            return;
        if (_cursor.MoveToNext())
            throw Diverged("the agent has ended");
        _session.Scheduler.End(Id);
        _session.Gate.Leave();
    }

    public AccessRight RightOf(ulong frame)
    {
        AccessRight held = RightTo(frame);
        return held != AccessRight.None || !_session.IsPromised(Id, new FrameRequest(frame, AccessRight.Read))
            ? held
            : _session.IsPromised(Id, new FrameRequest(frame, AccessRight.ReadWrite)) ? AccessRight.ReadWrite : AccessRight.Read;
    }

    /// <summary>Makes the rights that the agent starts with effective.</summary>
    public void GiveRights()
    {
        // In their order, or each would have to be put between others.
        foreach (KeyValuePair<ulong, AccessRight> held in _rights.OrderBy(static held => held.Key))
            _changes.Set(held.Key, held.Value);
        _changes.Apply();
    }

    /// <summary>What a replay that starts where the agent stands needs of it. While it stands.</summary>
    public AgentCheckpoint TakeDown() => new(StandsAt, ReadProgress(CaptureState()), [], [.. RightsBesidePromises()]);

    private IEnumerable<FrameRequest> RightsBesidePromises()
    {
        ulong baton = _session.Shape.BatonFrame;
        IEnumerable<FrameRequest> held = _rights.Select(static one => new FrameRequest(one.Key, one.Value));
        if (!_rights.ContainsKey(baton))
            held = held.Append(new FrameRequest(baton, RightTo(baton)));
        return held.Where(static one => one.Right != AccessRight.None).OrderBy(static one => one.Frame);
    }

    public IEnumerable<string> DescribeHistory() => History.Describe(Id);

    private protected override AccessRight BatonRight => RightTo(_session.Shape.BatonFrame);

    // Promises may overlap, and what was promised to be read may be written by now.
    private protected override IEnumerable<FrameRequest> HeldFrames => _session.PromisedTo(Id)
        .Concat(_rights.Where(held => held.Value != AccessRight.None).Select(held => new FrameRequest(held.Key, held.Value)))
        .GroupBy(held => held.Frame, (frame, held) => new FrameRequest(frame, held.Max(one => one.Right)))
        .OrderBy(held => held.Frame);

    private protected override bool Holds(FrameRequest request) => BatonRight == AccessRight.ReadWrite
        || RightTo(request.Frame) >= request.Right || _session.IsPromised(Id, request);

    // Everybody shares the machine from the start, without an event.
    private AccessRight RightTo(ulong frame) => _rights.TryGetValue(frame, out AccessRight held)
        ? held
        : frame == _session.Shape.BatonFrame && _session.Scope == OwnershipScope.Frames ? AccessRight.Read : AccessRight.None;

    private protected override bool Acquire(ReadOnlySpan<FrameRequest> requests)
    {
        while (!HoldsAll(requests))
        {
            if (_session.IsOver || IsAtEndOfLog())
                return false;
            if (!IsHere(_cursor.Next) || !IsRightChange(_cursor.Next.Kind))
                throw Diverged("needs " + Describe(requests));
            Take();
        }
        TellOthers();
        return true;
    }

    private protected override void Reapply(FrameRequest request)
    {
        // Before the view is fitted, whoever is alone may find it closed.
        AccessRight right = BatonRight == AccessRight.ReadWrite ? AccessRight.ReadWrite : RightTo(request.Frame);
        _session.SetRight(Id, request.Frame, right == AccessRight.None ? AccessRight.Read : right);
    }

    private protected override void OnMoved()
    {
    }

    private protected override void OnExited()
    {
    }

    private protected override void OnGiveWay()
    {
    }

    private protected override void OnSpanClosed()
    {
    }

    private protected override void FinishPlace()
    {
        IsAtWork = true;
        ComeHere();
        IsAtWork = false;
    }

    private static bool IsRightChange(EventKind kind) =>
        kind is EventKind.Elevation or EventKind.Reduction or EventKind.Digest;

    private bool IsHere(in StreamEvent next) => IsNamed && next.Place == Place && next.Position == Position;

    private bool IsPassed(in StreamEvent next) =>
        next.Position < (next.Place == PlaceKind.Exit ? ExitCount : Point.Count);

    /// <summary>Whether the stream is at its end without saying that the agent ended: the recording was cut short, and this
    /// is as far as the agent goes. Nobody will see another event of it.</summary>
    private bool IsAtEndOfLog()
    {
        if (_cursor.MoveToNext())
            return false;
        if (WayToEnd is { } end)
            throw Diverged($"the agent does something, before it stands at {end}, where the recording was detached");
        if (!HasEnded && !ReachedEndOfLog)
        {
            ReachedEndOfLog = true;
            TellOthers();
            _session.Scheduler.End(Id);
            _session.Gate.Leave();
        }
        return true;
    }

    /// <summary>Right changes and digests at this place: they need nothing of the exit but that it is here.</summary>
    private void ConsumeRights()
    {
        while (!_session.IsOver && MayGoOn && _cursor.MoveToNext() && IsHere(_cursor.Next) && IsRightChange(_cursor.Next.Kind))
            Take();
        TellOthers();
    }

    private void Consume()
    {
        Take();
        TellOthers();
    }

    /// <summary>What was taken from the stream has happened: rights are effective first, since others go on for what was
    /// given up.</summary>
    private void TellOthers()
    {
        if (_told == _cursor.Consumed)
            return;
        _changes.Apply();
        _told = _cursor.Consumed;
        _session.Scheduler.Publish(Id, _told);
    }

    /// <summary>Takes the next event from the stream. Others hear of it by <see cref="TellOthers"/>, before the agent waits for
    /// anything.</summary>
    private void Take()
    {
        ref readonly StreamEvent next = ref _cursor.Next;
        StandBefore();
        if (next.Kind == EventKind.Elevation && !_session.WithholdsConstraints && !_cursor.Constraints.IsEmpty)
        {
            TellOthers();
            foreach (OrderingConstraint constraint in _cursor.Constraints)
                _session.Scheduler.WaitFor(Id, constraint);
        }
        ConstraintCount += _cursor.Constraints.Length;
        byte check = MixEvent(next, _cursor.Bytes);
        if (check != next.Check || (next.Kind == EventKind.Digest && Digest.Value != next.Value))
            throw Diverged(DescribeMismatch(next), MismatchCause(next));
        if (next.Kind is EventKind.Elevation or EventKind.Reduction)
        {
            _rights[next.Frame] = next.NewRight;
            if (IsByProtection)
                _changes.Set(next.Frame, next.NewRight);
        }
        if (next.Kind == EventKind.Input)
            _lastInput = next.Code;
        History.Add(next);
        _counts[(int)next.Kind]++;
        _cursor.Consume();
        _session.CountEvent();
    }

    private void ExpectInput(uint code, bool hasBytes)
    {
        Expect(EventKind.Input, $"input {code} is read");
        if (_cursor.Next.Code != code || _cursor.Next.HasBytes != hasBytes)
            throw Diverged($"input {code} is read");
    }

    private void Expect(EventKind kind, string actual)
    {
        if (_session.IsOver)
            throw new SessionOverException("The session is over.");
        if (IsAtEndOfLog())
            throw new SessionOverException("The log breaks off here.");
        if (IsHere(_cursor.Next) && _cursor.Next.Kind == kind)
            return;
        bool isTwice = kind == EventKind.Input && _cursor.Consumed > 0 && _lastInput != uint.MaxValue;
        throw Diverged(actual, isTwice ? "an input was consumed twice, or the code took another path" : "");
    }

    private string DescribeMismatch(in StreamEvent next) =>
        $"the same event in another state (running digest 0x{Digest.Value:X16} does not fold to 0x{next.Check:X2})";

    private static string MismatchCause(in StreamEvent next) =>
        next.Kind == EventKind.Reduction && next.OldRight == AccessRight.ReadWrite
            ? "the frame's content differs: memory changed behind the tracker's back, or an earlier read differed"
            : "registers differ: an earlier read or input differed";

    private ReplayDivergenceException Diverged(string actual, string cause = "")
    {
        _hasDiverged = true;
        return _session.MakeDivergence(this, _cursor, actual, cause, ReadStateText());
    }

    private string ReadStateText() => _session.DescribeState(ReadState());
}
