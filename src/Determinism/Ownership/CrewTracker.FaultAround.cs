namespace Determinism.Ownership;

/// <content>Frames granted with the one that was asked for: an agent that goes through memory would otherwise fault at each.
/// What comes along stands in nobody's way here and now: what nobody holds, and what only the loser holds that is being reduced
/// anyway. The asked frame's event is the last, so that replay knows where the grant ends.</content>
public sealed partial class CrewTracker<TSink>
{
    private readonly FrameStreams[] _streams;

    // A reader that was reduced for a frame which then was not granted at once: whoever writes it comes after that reader too.
    private readonly Dictionary<ulong, int> _owed = [];

    /// <summary>The frames that may be granted with an asked one, by their bits after a first one.</summary>
    private (ulong First, ulong Block) BlockAround(int agent, FrameRequest asked)
    {
        if (asked.Frame >= _options.FaultAroundBelow)
            return (asked.Frame, 1);
        ulong first = FrameStreams.FirstOf(asked.Frame);
        ulong block = _streams[agent].Expect(asked);
        ulong room = _options.FaultAroundBelow - first;
        return (first, room < FrameStreams.ChunkFrames ? block & ((1UL << (int)room) - 1) : block);
    }

    /// <summary>Grants an agent the frame that it has just touched first, and untouched ones around it. On its own thread,
    /// without the gate.</summary>
    private void TouchBlock(int agent, FrameRequest asked, long word)
    {
        (ulong first, ulong block) = BlockAround(agent, asked);
        ulong isMine = 0;
        for (ulong rest = block; rest != 0; rest &= rest - 1)
        {
            ulong frame = first + (ulong)Bits.TrailingZeroCount(rest);
            if (frame == asked.Frame
                || Interlocked.CompareExchange(ref _words.Slot(frame), word, OwnershipWord.Untouched) == OwnershipWord.Untouched)
                isMine |= rest & (0 - rest);
        }
        ApplyBlock(agent, first, isMine, asked.Right);
        for (ulong rest = isMine & ~(1UL << (int)(asked.Frame - first)); rest != 0; rest &= rest - 1)
            _sink.Elevated(agent, first + (ulong)Bits.TrailingZeroCount(rest), AccessRight.None, asked.Right, default);
        _sink.Elevated(agent, asked.Frame, AccessRight.None, asked.Right, default);
        _streams[agent].Note(asked, isMine);
    }

    /// <summary>Takes from a loser what stands in the way, and what may come along. Under the gate; the caller is the loser or
    /// has claimed it.</summary>
    private void ReduceBlock(int holder, Waiter winner, FrameRequest wanted)
    {
        (ulong first, ulong block) = BlockAround(winner.Agent, wanted);
        ulong isTaken = 0;
        for (ulong rest = block; rest != 0; rest &= rest - 1)
        {
            FrameRequest one = wanted with { Frame = first + (ulong)Bits.TrailingZeroCount(rest) };
            if (one.Frame == wanted.Frame || CanComeAlong(holder, winner.Agent, one))
                isTaken |= rest & (0 - rest);
        }
        if (KeepsFrames)
            _holds.End(wanted.Frame);
        ApplyBlock(holder, first, isTaken, LeftOf(wanted));
        for (ulong rest = isTaken; rest != 0; rest &= rest - 1)
        {
            FrameRequest one = wanted with { Frame = first + (ulong)Bits.TrailingZeroCount(rest) };
            if (one.Frame != wanted.Frame)
                Owe(holder, one.Frame);
            Reduce(holder, winner, one);
        }
        _streams[holder].Lose(wanted.Frame, LeftOf(wanted));
        _sink.Stolen(wanted.Frame, winner.Agent, holder);
    }

    /// <summary>Grants the frame whose turn it is, and before it what is free around it. False if the frame has changed under a
    /// grant that needed no gate. Under the gate.</summary>
    private bool TryGrantBlock(Waiter waiter, FrameRequest wanted)
    {
        int agent = waiter.Agent;
        (ulong first, ulong block) = BlockAround(agent, wanted);
        bool isGranted = TryTake(agent, wanted, out Taken asked);
        ulong askedBit = 1UL << (int)(wanted.Frame - first);
        ulong isMine = isGranted ? askedBit : 0;
        Span<Taken> along = stackalloc Taken[Bits.PopCount(block) - 1];
        int count = 0;
        for (ulong rest = block & ~askedBit; rest != 0; rest &= rest - 1)
        {
            FrameRequest one = wanted with { Frame = first + (ulong)Bits.TrailingZeroCount(rest) };
            if (!IsFree(one, agent) || !TryTake(agent, one, out along[count]))
                continue;
            count++;
            isMine |= rest & (0 - rest);
        }
        ApplyBlock(agent, first, isMine, wanted.Right);
        foreach (Taken one in along[..count])
            TellElevated(waiter, one);
        if (!isGranted)
            return false;
        TellElevated(waiter, asked);
        if (wanted.Frame < _options.FaultAroundBelow)
            _streams[agent].Note(wanted, isMine);
        return true;
    }

    private bool IsFree(FrameRequest one, int agent)
    {
        long word = _words.Read(one.Frame);
        return !OwnershipWord.IsPromised(word)
            && RightIn(word, agent) < one.Right && !IsWantedByAnother(one.Frame, agent);
    }

    /// <summary>Whether a frame may be taken from a loser for a winner that has not asked for it: nobody else holds it or wants
    /// it, and the loser does not need it more.</summary>
    private bool CanComeAlong(int holder, int winner, FrameRequest one)
    {
        long word = _words.Read(one.Frame);
        return IsInTheWay(holder, one) && !OwnershipWord.IsPromised(word)
            && !HasOtherThan(word, holder, winner)
            && !(_owed.TryGetValue(one.Frame, out int reader) && reader != holder)
            && !IsPinned(holder, one.Frame) && !IsWantedByAnother(one.Frame, winner)
            && (LeftOf(one) == AccessRight.Read || _streams[winner].Needs(one)
                || !_streams[holder].Needs(one with { Right = RightIn(word, holder) }));
    }

    private bool HasOtherThan(long word, int one, int another)
    {
        AgentSet others = _holders.Of(word);
        others.Remove(one);
        others.Remove(another);
        return !others.IsEmpty;
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

    /// <summary>Remembers a reader that is about to be reduced for a frame that nobody asked for: its winner may get another
    /// frame after all, and whoever takes this one first would not be ordered after the reader (law L2). Who comes next comes
    /// after the last writer in any case.</summary>
    private void Owe(int holder, ulong frame)
    {
        if (RightIn(_words.Read(frame), holder) == AccessRight.Read)
            _owed[frame] = holder;
    }

    /// <summary>The next writer of a frame comes after the reader that is owed this.</summary>
    private void PayOwed(Waiter waiter, FrameRequest granted)
    {
        if (_owed.Count == 0 || granted.Right != AccessRight.ReadWrite || !_owed.TryGetValue(granted.Frame, out int reader))
            return;
        _owed.Remove(granted.Frame);
        if (Plant != Plant.ForgetOwedReaders)
            waiter.AddSource(reader);
    }

    private void ApplyBlock(int agent, ulong first, ulong isMeant, AccessRight right)
    {
        while (isMeant != 0)
        {
            int from = Bits.TrailingZeroCount(isMeant);
            int count = Bits.TrailingZeroCount(~(isMeant >> from));
            ApplyRun(agent, first + (ulong)from, count, right);
            isMeant = count == FrameStreams.ChunkFrames ? 0 : isMeant & ~(((1UL << count) - 1) << from);
        }
    }

    private void ApplyRun(int agent, ulong first, int count, AccessRight right)
    {
        if (count > 1 && _sink is IRangeSink ranges)
        {
            ranges.Apply(agent, first, (ulong)count, right);
            return;
        }
        for (int index = 0; index < count; index++)
            _sink.Apply(agent, first + (ulong)index, right);
    }
}
