namespace Determinism.Conformance;

/// <summary>vCPUs on threads, each with its exit loop, under a reference tracker: what a session does, without a
/// log.</summary>
internal sealed class ParallelRun
{
    private const int ExitsBetweenMeetings = 10;

    private readonly GuestRun _run;
    private readonly int _vcpus;
    private readonly ulong _firstFrame;
    private readonly int _frames;
    private readonly int _pageShift;
    private readonly OwnershipJournal _journal;
    private readonly InMemoryTracker _tracker;
    private readonly FrameContents _contents;
    private readonly Meeting _meeting;

    public ParallelRun(GuestRun run, int vcpus, ulong firstFrame, int frames, int pageShift, FrameContents contents)
    {
        _run = run;
        _vcpus = vcpus;
        _firstFrame = firstFrame;
        _frames = frames;
        _pageShift = pageShift;
        _journal = new OwnershipJournal(vcpus);
        _tracker = new InMemoryTracker(vcpus, (ulong)frames, new Sink(this));
        _contents = contents;
        _meeting = new Meeting(vcpus);
    }

    public IReadOnlyList<string> Violations => _journal.Violations;

    public int Reductions => _journal.Entries.Count(entry => entry.Kind == JournalEntryKind.Reduced);

    public Task[] Start() => [.. Enumerable.Range(0, _vcpus).Select(vcpu => Aside.Run(() => RunVcpu(vcpu)))];

    /// <summary>Lets go everybody who waits.</summary>
    public void Abort()
    {
        _meeting.Abort();
        _tracker.Abort();
    }

    private void RunVcpu(int vcpu)
    {
        int exits = 0;
        ExecutionPoint before = _run.Point(vcpu);
        bool hasEnded = false;
        while (!hasEnded)
        {
            // Asked for what is pinned here, it leaves as soon as the instruction has retired.
            ulong stopAt = _tracker.IsAsked(vcpu) ? before.Count + 1 : RunSlice.Unlimited;
            GuestExit exit = _run.Run(vcpu, stopAt);
            ExecutionPoint now = _run.Point(vcpu);
            if (now != before)
                _tracker.DropPins(vcpu);
            before = now;
            if (exit.Kind == ExitKind.Fault)
            {
                if (_tracker.Acquire(vcpu, Requests(exit)) == AcquireOutcome.Aborted)
                    throw new OperationCanceledException($"vCPU {vcpu} waited when the run was given up.");
            }
            else if (_tracker.IsAsked(vcpu))
                _tracker.Serve(vcpu);
            hasEnded = exit.Code == GuestExit.End;
            if (exit.Kind == ExitKind.Synchronous && ++exits % ExitsBetweenMeetings == 0)
                Meet(vcpu, exits);
        }
        _tracker.End(vcpu);
        _meeting.Leave(vcpu);
    }

    private void Meet(int vcpu, int exits)
    {
        _tracker.Park(vcpu);
        _meeting.Come(vcpu, exits);
        _tracker.Unpark(vcpu);
        _tracker.Serve(vcpu);
    }

    private FrameRequest[] Requests(GuestExit fault)
    {
        var requests = new SortedDictionary<ulong, AccessRight>();
        foreach (MemoryAccess access in fault.Accesses.ToArray())
        {
            for (ulong frame = access.Address >> _pageShift; frame <= (access.Address + access.Size - 1) >> _pageShift; frame++)
            {
                ulong index = frame - _firstFrame;
                if (index < (ulong)_frames && (!requests.TryGetValue(index, out AccessRight right) || right < access.Right))
                    requests[index] = access.Right;
            }
        }
        return [.. requests.Select(pair => new FrameRequest(pair.Key, pair.Value))];
    }

    /// <summary>Applies the tracker's decisions to the machine, and takes them down.</summary>
    private sealed class Sink(ParallelRun owner) : IOwnershipSink
    {
        public void Apply(int agent, ulong frame, AccessRight right)
        {
            owner._run.SetRight(agent, owner._firstFrame + frame, right);
            owner._journal.Apply(agent, frame, right);
        }

        public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight)
        {
            owner._journal.Reduced(agent, frame, oldRight, newRight);
            owner._contents.OnReduced(agent, frame, newRight);
        }

        public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
            ReadOnlySpan<OrderingConstraint> constraints)
        {
            owner._journal.Elevated(agent, frame, oldRight, newRight, constraints);
            owner._contents.OnElevated(agent, frame, newRight);
        }

        public void Kick(int agent) => owner._run.Ask(agent);

        public void Stolen(ulong frame, int winner, int loser)
        {
        }
    }
}
