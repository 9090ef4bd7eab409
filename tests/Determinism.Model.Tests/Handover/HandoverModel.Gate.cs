using Determinism.Model.Tests.Checking;

namespace Determinism.Model.Tests.Handover;

/// <summary>What happens under the gate: queues, asking, claiming, reducing, elevating, serving.</summary>
internal sealed partial class HandoverModel
{
    private void EnterGate(MachineState t, Move move)
    {
        int a = move.Agent;
        if (t.Gate != 0)
            return;
        t.Gate = (byte)(a + 1);
        if (t.Agents[a].Arrival == 0)
        {
            Arrive(ref t, a);
            if (_flaw == Flaw.PinsDroppedInGate)
                t.Agents[a].Pins = 0;
            for (int f = 0; f < FrameCount && _flaw == Flaw.PinnedBeforeTurn; f++)
            {
                ref AgentState me = ref t.Agents[a];
                if (me.Instruction.Need(me.Discovered, f) != Right.None && me.Rights[f] != Right.None)
                    me.Pins |= (byte)Bit(f);
            }
        }

        TakeTurns(ref t, a);
        move.Add(Step.EnterGate, in t);
    }

    /// <summary>Goes from frame to frame until one needs others, must be waited for, or all are granted.</summary>
    private void TakeTurns(ref MachineState t, int a)
    {
        ref AgentState me = ref t.Agents[a];
        while (true)
        {
            int f = TurnFrame(in me, a);
            if (f < 0)
            {
                LeaveGate(ref t, a);
                return;
            }

            if (me.Rights[f] >= me.Instruction.Need(me.Discovered, f))
            {
                NextTurn(ref t, a, f);
            }
            else if (_flaw != Flaw.FifoIgnored && IsBehindAnother(in t, a, f))
            {
                WaitInQueue(ref t, a);
                return;
            }
            else
            {
                me.At = At.Examining;
                ForgetHolders(ref t);
                return;
            }
        }
    }

    private void Examine(MachineState t, Move move)
    {
        int a = move.Agent;
        int f = TurnFrame(in t.Agents[a], a);
        int h = ConflictingHolder(in t, a, f, t.Examined);
        if (h >= 0)
        {
            t.Examined = (byte)h;
            t.SeenPinned = IsPinned(in t, h, f);
            if (t.Agents[h].Word == StateWord.Parked && !t.SeenPinned && !IsAnnouncing(in t.Agents[a]))
                Claim(t, h, move);
            else
                Ask(t, h, move);
        }
        else if (t.MustWait || IsAnnouncing(in t.Agents[a]))
        {
            WaitInQueue(ref t, a);
            move.Add(Step.Wait, in t);
        }
        else if (_flaw != Flaw.ElevationBeforeReduction && ConflictingHolder(in t, a, f, 0) >= 0)
        {
            // The compare-and-swap fails: a fast grant came in between.
            ForgetHolders(ref t);
            move.Add(Step.Retry, in t);
        }
        else
        {
            Violation? violation = Elevate(ref t, a, f);
            TakeTurns(ref t, a);
            move.Add(Step.Elevate, f, in t, violation);
        }
    }

    private void Ask(MachineState t, int h, Move move)
    {
        // What was read so far is only a hint, so that reading and asking may be one step, unless it is trusted later.
        if (_flaw == Flaw.PinsReadBeforeAsk && t.Agents[move.Agent].At == At.Examining)
        {
            t.Agents[move.Agent].At = At.Hesitating;
            move.Add(Step.Wait, in t);
            return;
        }

        t.FirstAsk = !t.Agents[h].Asked;
        if (_flaw == Flaw.NoFenceAfterAsk)
            t.SeenRunning = t.Agents[h].Word == StateWord.Running;
        else
            t.Agents[h].Asked = true;
        t.Agents[move.Agent].At = At.Asking;
        move.Add(Step.Ask, h, in t);
    }

    /// <summary>After Asked and a full fence, the state word and then the pins are read again.</summary>
    private void Asking(MachineState t, Move move)
    {
        int a = move.Agent;
        int h = t.Examined;
        bool running = t.Agents[h].Word == StateWord.Running;
        if (_flaw == Flaw.NoFenceAfterAsk)
        {
            t.Agents[h].Asked = true;
            running = t.SeenRunning;
        }

        bool pinned = _flaw == Flaw.PinsReadBeforeAsk ? t.SeenPinned : IsPinned(in t, h, TurnFrame(in t.Agents[a], a));
        Step step = Step.Wait;
        if (!running && !pinned && !IsAnnouncing(in t.Agents[a]))
        {
            // Parked meanwhile, and can be claimed.
            t.Agents[a].At = At.Examining;
            t.SeenPinned = t.FirstAsk = t.SeenRunning = false;
            step = Step.Again;
        }
        else
        {
            if (running && t.FirstAsk)
            {
                t.Agents[h].Kicked = true;
                step = Step.Kick;
            }

            t.MustWait |= _flaw != Flaw.ElevationBeforeReduction;
            NextHolder(ref t, a);
        }

        move.Add(step, h, in t);
    }

    private void Claim(MachineState t, int h, Move move)
    {
        t.SeenPinned = false;
        if (_flaw != Flaw.NoClaim)
            t.Agents[h].Word = StateWord.Claimed;
        t.Agents[move.Agent].At = At.Reducing;
        move.Add(Step.Claim, h, in t);
    }

    private void Reduce(MachineState t, Move move)
    {
        int a = move.Agent;
        int h = t.Examined;
        int f = TurnFrame(in t.Agents[a], a);
        Right need = t.Agents[a].Instruction.Need(t.Agents[a].Discovered, f);
        Violation? violation = ReduceHolder(ref t, h, f, need == Right.Read ? Right.Read : Right.None);
        t.Agents[a].Sources |= (byte)Bit(h);
        t.Agents[a].At = At.Releasing;
        move.Add(Step.Reduce, h, in t, violation);
    }

    private static void Release(MachineState t, Move move)
    {
        int h = t.Examined;
        if (t.Agents[h].Word == StateWord.Claimed)
            t.Agents[h].Word = StateWord.Parked;
        NextHolder(ref t, move.Agent);
        move.Add(Step.Release, h, in t);
    }

    private void Serve(MachineState t, Move move)
    {
        if (t.Gate != 0)
            return;
        Violation? violation = ServeAll(ref t, move.Agent);
        EnterGuest(ref t.Agents[move.Agent], move.Agent);
        move.Add(Step.Serve, in t, violation);
    }

    /// <summary>Under the gate: the agent reduces itself for every waiting request that it stands in the way of.</summary>
    private Violation? ServeAll(ref MachineState t, int a)
    {
        Violation? violation = null;
        bool pinned = false;
        bool reduced = false;
        t.Agents[a].Asked = false;
        t.Agents[a].Armed = false;
        for (int arrival = 1; arrival <= AgentCount; arrival++)
        {
            int r = WaiterAt(in t, arrival);
            if (r < 0 || r == a)
                continue;
            int f = TurnFrame(in t.Agents[r], r);
            Right need = t.Agents[r].Instruction.Need(t.Agents[r].Discovered, f);
            if (!Conflict(t.Agents[a].Rights[f], need))
                continue;
            if (IsPinned(in t, a, f))
            {
                pinned = true;
                continue;
            }

            violation ??= ReduceHolder(ref t, a, f, need == Right.Read ? Right.Read : Right.None);
            t.Agents[r].Sources |= (byte)Bit(a);
            reduced = true;
        }

        // Cleared before looking, set again for what a pin still keeps: the next poll must leave the guest.
        if (pinned && _flaw != Flaw.AskForgottenAtPin)
            t.Agents[a].Asked = t.Agents[a].Armed = true;
        if (reduced || _flaw != Flaw.AskForgottenAtPin)
            WakeAll(ref t);
        return violation;
    }

    private Violation? Elevate(ref MachineState t, int a, int f)
    {
        ref FrameWord word = ref t.Frames[f];
        Right need = t.Agents[a].Instruction.Need(t.Agents[a].Discovered, f);
        int sources = word.LastWriter == 0 ? 0 : Bit(word.LastWriter - 1);
        if (_flaw != Flaw.ReadersForgotten)
            sources |= t.Agents[a].Sources;
        Violation? violation = CountBypass(ref t, a, f);
        violation ??= CompleteElevation(ref t, a, sources & ~Bit(a));
        word.Touched = true;
        word.Exclusive = need == Right.ReadWrite;
        word.Holders = (byte)(word.Exclusive ? Bit(a) : word.Holders | Bit(a));
        if (word.Exclusive)
        {
            word.LastWriter = (byte)(a + 1);
            word.Reduced = false;
        }

        t.Agents[a].Rights[f] = need;
        NextTurn(ref t, a, f);
        return violation;
    }

    private Violation? ReduceHolder(ref MachineState t, int h, int f, Right to)
    {
        ref FrameWord word = ref t.Frames[f];
        Violation? violation = t.Agents[h].Moved
            ? Wrong(ViolationKind.PointNotNameable, $"{Name(h)} is reduced after executing past its last point")
            : null;
        CompleteEvent(ref t, h);
        if (_flaw == Flaw.ClockNewerThanEvent)
            t.Agents[h].CoveredBefore = t.Agents[h].Covered;
        if (_flaw != Flaw.ReductionSkipped)
            t.Agents[h].Rights[f] = to;
        word.Exclusive = false;
        word.Reduced = true;
        if (to == Right.None)
            word.Holders &= (byte)~Bit(h);

        return violation;
    }

    /// <summary>Asks before it parks: it takes a place in the queue, and nothing else.</summary>
    private static bool IsAnnouncing(in AgentState agent) => agent.Word == StateWord.Running;

    private static bool Conflict(Right held, Right wanted) =>
        held != Right.None && (held == Right.ReadWrite || wanted == Right.ReadWrite);

    private static bool IsPinned(in MachineState t, int h, int f) => (t.Agents[h].Pins & Bit(f)) != 0;

    private int ConflictingHolder(in MachineState t, int a, int f, int from)
    {
        Right need = t.Agents[a].Instruction.Need(t.Agents[a].Discovered, f);
        FrameWord word = t.Frames[f];
        for (int h = from; h < AgentCount && (need == Right.ReadWrite || word.Exclusive); h++)
        {
            if (h != a && (word.Holders & Bit(h)) != 0)
                return h;
        }

        return -1;
    }

    private static void NextHolder(ref MachineState t, int a)
    {
        t.Examined++;
        t.SeenPinned = t.FirstAsk = t.SeenRunning = false;
        t.Agents[a].At = At.Examining;
    }

    /// <summary>Pins the frame and goes to the end of the next one's queue.</summary>
    private void NextTurn(ref MachineState t, int a, int f)
    {
        ref AgentState me = ref t.Agents[a];
        me.Pins |= (byte)Bit(f);
        me.Position++;
        me.Bypassed = 0;
        me.Sources = 0;
        if (_flaw != Flaw.PlaceKeptAcrossFrames)
        {
            Depart(ref t, a);
            Arrive(ref t, a);
        }

        WakeAll(ref t);
    }

    /// <summary>The frame whose turn it is, or -1 when all are granted.</summary>
    private int TurnFrame(in AgentState agent, int index)
    {
        bool descending = _flaw == Flaw.FramesOutOfOrder && (index & 1) == 1;
        int granted = agent.Position;
        for (int i = 0; i < FrameCount; i++)
        {
            int f = descending ? FrameCount - 1 - i : i;
            if (agent.Instruction.Need(agent.Discovered, f) != Right.None && granted-- == 0)
                return f;
        }

        return -1;
    }

    private static void ForgetHolders(ref MachineState t)
    {
        t.Examined = 0;
        t.MustWait = t.SeenPinned = t.FirstAsk = t.SeenRunning = false;
    }
}
