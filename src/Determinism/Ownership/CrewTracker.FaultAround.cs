namespace Determinism.Ownership;

/// <content>Frames granted after the one that was asked for. An agent that goes through memory frame by frame would fault at
/// each; each time that it continues where its last grant ended, the next is twice as long. What comes along stands in
/// nobody's way here and now: untouched frames, and frames of a loser that is being reduced anyway. The asked frame's event
/// is the last, so that replay knows where the grant ends.</content>
public sealed partial class CrewTracker<TSink>
{
    private readonly FrameStreams[] _streams;

    /// <summary>The frame that no grant may reach: as many after the asked one as its stream has earned.</summary>
    private ulong EndOfRun(int agent, FrameRequest asked) => asked.Frame >= _options.FaultAroundBelow
        ? asked.Frame + 1
        : Math.Min(asked.Frame + 1 + (ulong)_streams[agent].Expect(asked.Frame), _options.FaultAroundBelow);

    /// <summary>Grants an agent the frame that it has just touched first, and untouched ones after it. On its own thread,
    /// without the gate.</summary>
    private void TouchRun(int agent, FrameRequest asked, long word)
    {
        ulong end = EndOfRun(agent, asked);
        ulong next = asked.Frame + 1;
        while (next < end
            && Interlocked.CompareExchange(ref _words.Slot(next), word, OwnershipWord.Untouched) == OwnershipWord.Untouched)
            next++;
        ApplyRun(agent, asked.Frame, next, asked.Right);
        for (ulong frame = asked.Frame + 1; frame < next; frame++)
            _sink.Elevated(agent, frame, AccessRight.None, asked.Right, default);
        _sink.Elevated(agent, asked.Frame, AccessRight.None, asked.Right, default);
        _streams[agent].Note(asked.Frame, next - asked.Frame);
    }

    /// <summary>Takes from a loser what stands in the way, and what may come along. Under the gate; the caller is the loser or
    /// has claimed it.</summary>
    private void ReduceRun(int holder, Waiter winner, FrameRequest wanted)
    {
        ulong end = EndOfRun(winner.Agent, wanted);
        ulong next = wanted.Frame + 1;
        while (next < end && CanComeAlong(holder, winner.Agent, wanted with { Frame = next }))
            next++;
        ApplyRun(holder, wanted.Frame, next, LeftOf(wanted));
        for (ulong frame = wanted.Frame; frame < next; frame++)
            Reduce(holder, winner, wanted with { Frame = frame });
        _sink.Stolen(wanted.Frame, winner.Agent, holder);
    }

    /// <summary>Grants the frame whose turn it is, and before it what is free after it. False if the frame has changed under a
    /// grant that needed no gate. Under the gate.</summary>
    private bool TryGrantRun(Waiter waiter, FrameRequest wanted)
    {
        int agent = waiter.Agent;
        ulong end = EndOfRun(agent, wanted);
        Span<AccessRight> rights = stackalloc AccessRight[(int)(end - wanted.Frame)];
        Span<int> writers = stackalloc int[rights.Length];
        int count = 1;
        while (count < rights.Length && IsFree(wanted.Frame + (ulong)count, agent, wanted.Right))
        {
            if (!TryTake(agent, wanted with { Frame = wanted.Frame + (ulong)count }, ref rights[count], ref writers[count]))
                break;
            count++;
        }
        bool isGranted = TryTake(agent, wanted, ref rights[0], ref writers[0]);
        ulong first = isGranted ? wanted.Frame : wanted.Frame + 1;
        ApplyRun(agent, first, wanted.Frame + (ulong)count, wanted.Right);
        for (int index = 1; index < count; index++)
            TellElevated(waiter, wanted with { Frame = wanted.Frame + (ulong)index }, rights[index], writers[index]);
        if (!isGranted)
            return false;
        TellElevated(waiter, wanted, rights[0], writers[0]);
        if (wanted.Frame < _options.FaultAroundBelow)
            _streams[agent].Note(wanted.Frame, (ulong)count);
        return true;
    }

    private bool IsFree(ulong frame, int agent, AccessRight right)
    {
        long word = _words.Read(frame);
        return !OwnershipWord.Is(word, OwnershipWord.PinnedShared | OwnershipWord.Private)
            && RightIn(word, agent) < right && !IsWantedByAnother(frame, agent);
    }

    /// <summary>Whether a loser has a frame to itself, as its last writer, and nobody else wants it. Whoever gets it, were it
    /// another in the end, is then ordered after the loser as after every last writer: a reader that was reduced for one
    /// who does not come would be forgotten (law L2).</summary>
    private bool CanComeAlong(int holder, int winner, FrameRequest wanted)
    {
        long word = _words.Read(wanted.Frame);
        return OwnershipWord.Is(word, OwnershipWord.Exclusive) && !OwnershipWord.Is(word, OwnershipWord.Private)
            && _holders.IsOnly(word, holder) && !IsPinned(holder, wanted.Frame)
            && !IsWantedByAnother(wanted.Frame, winner);
    }

    private bool IsWantedByAnother(ulong frame, int agent)
    {
        foreach (Waiter waiter in _waiting)
        {
            if (waiter.Agent != agent && waiter.Current.Frame == frame)
                return true;
        }
        return false;
    }

    private void ApplyRun(int agent, ulong first, ulong end, AccessRight right)
    {
        if (end - first > 1 && _sink is IRangeSink ranges)
        {
            ranges.Apply(agent, first, end - first, right);
            return;
        }
        for (ulong frame = first; frame < end; frame++)
            _sink.Apply(agent, frame, right);
    }
}
