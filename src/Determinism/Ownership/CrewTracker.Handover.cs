namespace Determinism.Ownership;

/// <content>Grants that involve other agents. All of it runs under the gate.</content>
public sealed partial class CrewTracker<TSink>
{
    private readonly object _gate = new();
    private readonly Waiter[] _waiters;

    // In the order of their arrival at the frame whose turn it is: first come, first served.
    private readonly List<Waiter> _waiting = [];

    private readonly HoldTimes _holds;
    private readonly CrewOptions _options;
    private bool _aborted;

    private const int AskedWhenParking = 1;
    private const int AskedNow = 2;

    /// <summary>Number of requests that wait for others.</summary>
    internal int WaitingCount
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>A frame that an agent has become a holder of, and what was before.</summary>
    private readonly record struct Taken(FrameRequest Wanted, AccessRight Old, int LastWriter);

    private enum WayOutcome
    {
        Clear,
        Blocked,
        Again,
    }

    /// <inheritdoc />
    public int Serve(int agent)
    {
        CheckAgent(agent);
        lock (_gate)
        {
            Volatile.Write(ref _agents[agent].Asked, 0);
            int served = 0;
            bool isLeft = false;
            foreach (Waiter waiter in _waiting)
            {
                FrameRequest wanted = waiter.Current;
                if (waiter.Agent == agent || !IsInTheWay(agent, wanted) || IsPromised(wanted.Frame))
                    continue;
                if (IsPinned(agent, wanted.Frame))
                {
                    isLeft = true;
                    continue;
                }
                ReduceBlock(agent, waiter, wanted);
                served++;
            }
            if (isLeft)
                Volatile.Write(ref _agents[agent].Asked, AskedNow);
            // Also without service: those who only wanted to hear of a park have lost their mark.
            Pulse();
            return served;
        }
    }

    /// <inheritdoc />
    public void Abort()
    {
        lock (_gate)
        {
            _aborted = true;
            Pulse();
        }
    }

    private AcquireOutcome AcquireFromOthers(int agent, ReadOnlySpan<FrameRequest> requests)
    {
        Waiter waiter = _waiters[agent];
        waiter.Handovers++;
        bool isSafeToPark = Plant != Plant.ReduceRunning;
        // Before it is seen parked: a pin dropped later would wake nobody.
        if (!waiter.IsAnnounced)
            waiter.DropPins();
        if (isSafeToPark)
            Park(agent);
        lock (_gate)
        {
            if (!waiter.IsAnnounced)
                Join(waiter, requests);
            waiter.IsAnnounced = false;
            try
            {
                return WaitForAll(waiter) ? AcquireOutcome.Granted : AcquireOutcome.Aborted;
            }
            finally
            {
                if (!waiter.IsDone)
                    _waiting.Remove(waiter);
                // Whoever asked before has taken what it wanted while this agent was parked, or looks again now: an old
                // ask must not cut short the hold time of what was just granted.
                Volatile.Write(ref _agents[agent].Asked, 0);
                Pulse();
                // Still under the gate, so that nobody claims the agent between the grant and its return: the grant is
                // then the last event of this call, and replay knows where the call ends.
                if (isSafeToPark)
                    Unpark(agent);
            }
        }
    }

    private void Join(Waiter waiter, ReadOnlySpan<FrameRequest> requests)
    {
        waiter.Start(requests);
        // Its old pins are gone, and whoever slept because of one must hear of it.
        Pulse();
        _waiting.Add(waiter);
    }

    private bool WaitForAll(Waiter waiter)
    {
        // Time is asked for where there is something to wait for, and only there.
        long? started = null;
        while (!waiter.IsDone)
        {
            if (_aborted)
                return false;
            // Before anybody is asked: an answer may come with the question.
            long seen = _changes;
            FrameRequest wanted = waiter.Current;
            if (RightIn(_words.Read(wanted.Frame), waiter.Agent) >= wanted.Right)
            {
                Advance(waiter);
                continue;
            }
            TimeSpan patience = _options.AnswerTimeout;
            WayOutcome way = IsBehindAnother(waiter) ? WayOutcome.Blocked : ClearTheWay(waiter, wanted, ref patience);
            if (way == WayOutcome.Clear && TryGrantBlock(waiter, wanted))
            {
                NoteAnswer(waiter);
                Advance(waiter);
                started = null;
            }
            else if (way == WayOutcome.Blocked)
            {
                started ??= _options.Time.GetTimestamp();
                WaitForChange(waiter, seen, patience);
                if (_options.Time.GetElapsedTime(started.Value) > _options.AnswerTimeout)
                    throw new HandoverTimeoutException(Diagnose(waiter));
            }
        }
        return true;
    }

    /// <summary>How long a holder took to answer, if one was asked: it tells what handovers cost here.</summary>
    private void NoteAnswer(Waiter waiter)
    {
        if (waiter.AskedAt != 0 && _options.HoldTimeOf?.Invoke(waiter.Current.Frame) is null)
            _holds.Answered(_options.Time.GetElapsedTime(waiter.AskedAt));
    }

    private void Advance(Waiter waiter)
    {
        waiter.PinCurrent(Plant != Plant.DropPinsEarly);
        // To the end of the next frame's queue.
        _waiting.Remove(waiter);
        if (!waiter.IsDone)
            _waiting.Add(waiter);
        Pulse();
    }

    private bool IsBehindAnother(Waiter waiter)
    {
        foreach (Waiter other in _waiting)
        {
            if (other == waiter)
                return false;
            if (other.Current.Frame == waiter.Current.Frame)
                return true;
        }
        return false;
    }

    /// <summary>Reduces every conflicting holder that can be reduced here and now, and asks the others.</summary>
    private WayOutcome ClearTheWay(Waiter waiter, FrameRequest wanted, ref TimeSpan patience)
    {
        if (IsPromised(wanted.Frame))
            throw Violation(waiter.Agent, wanted, _words.Read(wanted.Frame));
        long word = _words.Read(wanted.Frame);
        if (Plant == Plant.SkipReduction)
            return WayOutcome.Clear;

        if (Plant == Plant.ElevateFirst)
            _sink.Apply(waiter.Agent, wanted.Frame, wanted.Right);

        WayOutcome outcome = WayOutcome.Clear;
        foreach (int holder in _holders.Of(word))
        {
            if (holder == waiter.Agent || !IsInTheWay(holder, wanted))
                continue;
            bool isPinned = IsPinned(holder, wanted.Frame);
            if (!isPinned && TryReduceOther(holder, waiter, wanted))
                continue;
            outcome = WayOutcome.Blocked;
            // A pin is no reason to ask before the hold time is over: the instruction that it is for retires anyway.
            bool isKept = IsKept(wanted.Frame, ref patience);
            // Its pins are dropped before it parks: who sees it parked sees which are left.
            if (!TryAsk(holder, waiter, isKept) && !IsPinned(holder, wanted.Frame))
                return WayOutcome.Again;
        }
        return outcome;
    }

    /// <summary>Reduces a parked holder on its behalf; false if it is running, or has the frame pinned.</summary>
    private bool TryReduceOther(int holder, Waiter winner, FrameRequest wanted)
    {
        if (Plant == Plant.ReduceRunning)
        {
            ReduceBlock(holder, winner, wanted);
            return true;
        }
        ref int state = ref _agents[holder].State;
        if (Interlocked.CompareExchange(ref state, (int)AgentState.Claimed, (int)AgentState.Parked)
            != (int)AgentState.Parked)
            return false;
        try
        {
            // Only now do its pins stand still: it may have been granted the frame, without the gate, and parked since
            // they were looked at.
            if (IsPinned(holder, wanted.Frame))
                return false;
            ReduceBlock(holder, winner, wanted);
            return true;
        }
        finally
        {
            // Also when the log fails: the holder must be able to go on, and hear of it.
            Volatile.Write(ref state, (int)AgentState.Parked);
        }
    }

    /// <summary>Asks a holder that is running: to serve soon, or, while its hold time lasts, only to say when it parks.
    /// False if it has parked meanwhile and can be claimed.</summary>
    private bool TryAsk(int holder, Waiter waiter, bool isKept)
    {
        ref AgentSlot slot = ref _agents[holder];
        int before = slot.Asked;
        int wanted = Math.Max(before, isKept ? AskedWhenParking : AskedNow);
        Interlocked.Exchange(ref slot.Asked, wanted);
        if (Volatile.Read(ref slot.State) == (int)AgentState.Parked)
            return false;
        if (before < AskedNow && wanted == AskedNow)
        {
            waiter.AskedAt = _options.Time.GetTimestamp();
            _sink.Kick(holder);
        }
        return true;
    }

    private bool KeepsFrames => _options.HoldTime > TimeSpan.Zero || _options.HoldTimeOf is not null;

    /// <summary>Whether the holder's hold time still lasts; shortens the waiter's patience to it.</summary>
    private bool IsKept(ulong frame, ref TimeSpan patience)
    {
        if (!KeepsFrames)
            return false;
        TimeSpan rest = _holds.Rest(frame, _options.HoldTimeOf?.Invoke(frame));
        if (rest <= TimeSpan.Zero)
            return false;
        patience = rest < patience ? rest : patience;
        return true;
    }

    private bool IsPromised(ulong frame) => OwnershipWord.IsPromised(_words.Read(frame));

    private bool IsPinned(int agent, ulong frame) => _waiters[agent].IsPinned(frame);

    private bool IsInTheWay(int holder, FrameRequest wanted)
    {
        AccessRight held = RightIn(_words.Read(wanted.Frame), holder);
        return wanted.Right == AccessRight.ReadWrite ? held != AccessRight.None : held == AccessRight.ReadWrite;
    }

    private static AccessRight LeftOf(FrameRequest wanted) =>
        wanted.Right == AccessRight.ReadWrite ? AccessRight.None : AccessRight.Read;

    /// <summary>Takes from a holder one frame that it can no longer use.</summary>
    private void Reduce(int holder, Waiter winner, FrameRequest wanted)
    {
        ulong frame = wanted.Frame;
        AccessRight old = RightIn(_words.Read(frame), holder);
        AccessRight left = LeftOf(wanted);
        _sink.Reduced(holder, frame, old, left);
        winner.AddSource(holder);
        while (!TryShare(frame, _words.Read(frame), holder, left, OwnershipWord.Reduced))
        {
        }
    }

    /// <summary>Makes an agent a holder; it is let in later. False if the frame has changed under a grant that needed no
    /// gate.</summary>
    private bool TryTake(int agent, FrameRequest wanted, out Taken taken)
    {
        ref long slot = ref _words.Slot(wanted.Frame);
        long word = Volatile.Read(ref slot);
        taken = new Taken(wanted, RightIn(word, agent), OwnershipWord.LastWriter(word));
        if (wanted.Right != AccessRight.ReadWrite)
            return !(OwnershipWord.Is(word, OwnershipWord.Exclusive) && Plant != Plant.SkipReduction)
                && TryShare(wanted.Frame, word, agent, AccessRight.Read, 0);
        // The way was clear, but a first touch needs no gate: it may have come since.
        if (_holders.HasOther(word, agent) && Plant != Plant.SkipReduction)
            return false;
        if (Interlocked.CompareExchange(ref slot, _holders.Only(agent, agent, OwnershipWord.Exclusive), word) != word)
            return false;
        _holders.Release(word);
        return true;
    }

    /// <summary>Makes the event of a right that has risen.</summary>
    private void TellElevated(Waiter waiter, Taken taken)
    {
        FrameRequest wanted = taken.Wanted;
        PayOwed(waiter, wanted);
        if (Plant == Plant.ForgetReaders)
            waiter.ForgetSources();
        AgentSet before = waiter.SourcesAnd(taken.LastWriter);
        Span<int> sources = stackalloc int[before.Count];
        before.CopyTo(sources);
        Span<OrderingConstraint> constraints = stackalloc OrderingConstraint[sources.Length];
        constraints = constraints[.._order.Constrain(waiter.Agent, sources, constraints)];
        _sink.Elevated(waiter.Agent, wanted.Frame, taken.Old, wanted.Right, constraints);
        if (KeepsFrames)
            _holds.Begin(wanted.Frame);
    }

    /// <summary>Leaves the frame shared, with one agent among its readers or not. False if the word has changed.</summary>
    private bool TryShare(ulong frame, long word, int agent, AccessRight right, long flags)
    {
        AgentSet holders = _holders.Of(word);
        if (right == AccessRight.Read)
            holders.Add(agent);
        else
            holders.Remove(agent);
        long next = _holders.WithHolders(word, holders, flags | (word & OwnershipWord.Reduced));
        bool isChanged = Interlocked.CompareExchange(ref _words.Slot(frame), next, word) == word;
        _holders.Release(isChanged ? word : next);
        return isChanged;
    }

    /// <summary>What no agent may do: see <see cref="Plant"/>.</summary>
    internal void ForgetEverywhere(int agent)
    {
        for (ulong frame = 0; frame < FrameCount; frame++)
        {
            if (_holders.IsOnly(_words.Read(frame), agent))
                _words.Slot(frame) = OwnershipWord.Untouched;
        }
    }
}
