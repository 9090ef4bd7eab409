using Determinism.Model.Tests.Checking;

namespace Determinism.Model.Tests.Handover;

/// <summary>What happens under the gate: tickets, asking, claiming, reducing, elevating, serving.</summary>
internal sealed partial class HandoverModel
{
    private void EnterGate(MachineState t, Move move)
    {
        int a = move.Agent;
        if (t.Gate != 0)
            return;
        t.Gate = (byte)(a + 1);

        // A requester that saw this agent Running sleeps until it is served.
        Violation? violation = null;
        if (t.Agents[a].Asked && _flaw != Flaw.ParkWithoutServe)
            violation = ServeAll(ref t, a);
        ref AgentState me = ref t.Agents[a];
        if (me.Ticket == 0)
        {
            me.Ticket = (byte)(1 + HighestTicket(in t));
            for (int f = 0; f < FrameCount && _flaw == Flaw.PinnedBeforeTurn; f++)
            {
                if (me.Instruction.Need(me.Discovered, f) != Right.None && me.Rights[f] != Right.None)
                    me.Pins |= (byte)Bit(f);
            }
        }

        TakeTurns(ref t, a);
        move.Add(Step.EnterGate, in t, violation);
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

            // Pinned by an earlier request of the same instruction: who waits for the pin must not be waited for.
            if ((me.Pins & Bit(f)) != 0 && _flaw != Flaw.QueuesBehindOwnPin)
            {
                NextTurn(ref me, f);
                continue;
            }

            if (_flaw != Flaw.FifoIgnored && EarlierTicketWaitsAt(in t, a, f))
            {
                Sleep(ref t, a);
                return;
            }

            if (me.Rights[f] < me.Instruction.Need(me.Discovered, f))
            {
                me.At = At.Examining;
                t.Examined = 0;
                t.MustWait = false;
                return;
            }

            NextTurn(ref me, f);
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
            if (Claimable(in t, h, f))
            {
                Claim(t, h, move);
            }
            else if (_flaw == Flaw.NoFenceAfterAsk)
            {
                t.KickDecided = t.Agents[h].Word == StateWord.Running;
                t.Agents[a].At = At.Asking;
                move.Add(Step.Examine, in t);
            }
            else
            {
                t.Agents[h].Asked = true;
                t.Agents[a].At = At.Asking;
                move.Add(Step.Ask, h, in t);
            }
        }
        else if (t.MustWait)
        {
            Sleep(ref t, a);
            move.Add(Step.Wait, in t);
        }
        else if (_flaw != Flaw.ElevationBeforeReduction && ConflictingHolder(in t, a, f, 0) >= 0)
        {
            // The compare-and-swap fails: a first touch came in between.
            t.Examined = 0;
            move.Add(Step.Examine, in t);
        }
        else
        {
            Violation? violation = Elevate(ref t, a, f);
            TakeTurns(ref t, a);
            move.Add(Step.Elevate, f, in t, violation);
        }
    }

    /// <summary>After Asked and a full fence, the state word is read (again).</summary>
    private void Asking(MachineState t, Move move)
    {
        int a = move.Agent;
        int h = t.Examined;
        if (_flaw == Flaw.NoFenceAfterAsk)
        {
            t.Agents[h].Asked = true;
            t.Agents[h].Kicked |= t.KickDecided;
            t.KickDecided = false;
            t.MustWait = true;
            NextHolder(ref t, a);
            move.Add(Step.Ask, h, in t);
            return;
        }

        if (Claimable(in t, h, TurnFrame(in t.Agents[a], a)))
        {
            Claim(t, h, move);
            return;
        }

        bool running = t.Agents[h].Word == StateWord.Running;
        t.Agents[h].Kicked |= running;
        t.MustWait |= _flaw != Flaw.ElevationBeforeReduction;
        NextHolder(ref t, a);
        move.Add(running ? Step.Kick : Step.Examine, h, in t);
    }

    private void Claim(MachineState t, int h, Move move)
    {
        if (t.Agents[h].Word == StateWord.Parked && _flaw != Flaw.NoClaim)
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
        t.Agents[a].Reduced |= (byte)(_flaw == Flaw.SourcesKeptByRequest ? Bit(h) : 0);
        t.Agents[a].At = At.Releasing;
        if (t.Agents[h].Word != StateWord.Claimed)
            NextHolder(ref t, a);
        move.Add(Step.Reduce, h, in t, violation);
    }

    private static void Release(MachineState t, Move move)
    {
        int h = t.Examined;
        t.Agents[h].Word = StateWord.Parked;
        NextHolder(ref t, move.Agent);
        move.Add(Step.Release, h, in t);
    }

    private void Serve(MachineState t, Move move)
    {
        if (t.Gate != 0)
            return;
        Violation? violation = ServeAll(ref t, move.Agent);
        t.Agents[move.Agent].At = At.Guest;
        move.Add(Step.Serve, in t, violation);
    }

    /// <summary>Under the gate: the agent reduces itself for every waiting request that it stands in the way of.</summary>
    private Violation? ServeAll(ref MachineState t, int a)
    {
        Violation? violation = null;
        bool reduced = false;
        bool pinned = false;
        t.Agents[a].Asked = false;
        t.Agents[a].Armed = false;
        t.Agents[a].Kicked = false;
        for (int r = 0; r < AgentCount; r++)
        {
            if (r == a || t.Agents[r].Ticket == 0)
                continue;
            int f = TurnFrame(in t.Agents[r], r);
            Right need = t.Agents[r].Instruction.Need(t.Agents[r].Discovered, f);
            Right mine = t.Agents[a].Rights[f];
            if (!Conflict(mine, need))
                continue;
            if ((t.Agents[a].Pins & Bit(f)) != 0)
            {
                pinned = true;
                continue;
            }

            violation ??= ReduceHolder(ref t, a, f, need == Right.Read ? Right.Read : Right.None);
            t.Agents[r].Reduced |= (byte)(_flaw == Flaw.SourcesKeptByRequest ? Bit(a) : 0);
            reduced = true;
        }

        // Cleared before looking, set again for what a pin still keeps: the next poll must leave the guest.
        if (pinned && _flaw != Flaw.AskForgottenAtPin)
            t.Agents[a].Asked = t.Agents[a].Armed = true;
        if (reduced)
            WakeAll(ref t);
        return violation;
    }

    private Violation? Elevate(ref MachineState t, int a, int f)
    {
        ref FrameWord word = ref t.Frames[f];
        Right need = t.Agents[a].Instruction.Need(t.Agents[a].Discovered, f);
        int past = _flaw == Flaw.SourcesKeptByRequest ? t.Agents[a].Reduced : word.PastReaders;
        int sources = word.LastWriter == 0 ? 0 : Bit(word.LastWriter - 1);
        if (need == Right.ReadWrite && _flaw != Flaw.ReadersForgotten)
            sources |= past;
        Violation? violation = CountBypass(ref t, a, f);
        violation ??= CompleteElevation(ref t, a, sources & ~Bit(a));
        word.Touched = true;
        word.Exclusive = need == Right.ReadWrite;
        word.Holders = (byte)(word.Exclusive ? Bit(a) : word.Holders | Bit(a));
        if (word.Exclusive)
        {
            word.LastWriter = (byte)(a + 1);
            word.PastReaders = 0;
        }

        t.Agents[a].Rights[f] = need;
        NextTurn(ref t.Agents[a], f);
        WakeAll(ref t);
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
        if (to == Right.None)
        {
            word.Holders &= (byte)~Bit(h);
            word.PastReaders |= (byte)Bit(h);
        }

        return violation;
    }

    private static bool Conflict(Right held, Right wanted) =>
        held != Right.None && (held == Right.ReadWrite || wanted == Right.ReadWrite);

    private static bool Claimable(in MachineState t, int h, int f) =>
        t.Agents[h].Word is StateWord.Parked or StateWord.Gone && (t.Agents[h].Pins & Bit(f)) == 0;

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
        t.Agents[a].At = At.Examining;
    }

    private static void NextTurn(ref AgentState me, int f)
    {
        me.Pins |= (byte)Bit(f);
        me.Position++;
        me.Bypassed = 0;
        me.Reduced = 0;
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

    /// <summary>The frame word's Wanted bit: some request's turn is at the frame.</summary>
    private bool Wanted(in MachineState t, int f)
    {
        for (int r = 0; r < AgentCount; r++)
        {
            if (t.Agents[r].Ticket != 0 && TurnFrame(in t.Agents[r], r) == f)
                return true;
        }

        return false;
    }

    private bool EarlierTicketWaitsAt(in MachineState t, int a, int f)
    {
        for (int r = 0; r < AgentCount; r++)
        {
            int ticket = t.Agents[r].Ticket;
            if (ticket != 0 && ticket < t.Agents[a].Ticket && TurnFrame(in t.Agents[r], r) == f)
                return true;
        }

        return false;
    }

    private int HighestTicket(in MachineState t)
    {
        int highest = 0;
        for (int r = 0; r < AgentCount; r++)
            highest = Math.Max(highest, t.Agents[r].Ticket);
        return highest;
    }

    private static void ForgetLoop(ref MachineState t)
    {
        t.Gate = 0;
        t.Examined = 0;
        t.MustWait = false;
    }

    private static void Sleep(ref MachineState t, int a)
    {
        ForgetLoop(ref t);
        t.Agents[a].At = At.Asleep;
    }

    private void LeaveGate(ref MachineState t, int a)
    {
        ForgetLoop(ref t);
        int ticket = t.Agents[a].Ticket;
        t.Agents[a].Ticket = 0;
        t.Agents[a].Position = 0;
        t.Agents[a].At = At.Leaving;
        for (int r = 0; r < AgentCount; r++)
            t.Agents[r].Ticket -= (byte)(t.Agents[r].Ticket > ticket ? 1 : 0);
        WakeAll(ref t);
    }

    private void WakeAll(ref MachineState t)
    {
        for (int r = 0; r < AgentCount; r++)
        {
            if (t.Agents[r].At == At.Asleep)
                t.Agents[r].At = At.AtGate;
        }
    }

    private Violation? CountBypass(ref MachineState t, int winner, int f)
    {
        Violation? violation = null;
        for (int r = 0; r < AgentCount && _bypassBound > 0; r++)
        {
            if (r == winner || t.Agents[r].Ticket == 0 || TurnFrame(in t.Agents[r], r) != f)
                continue;
            if (t.Agents[r].Bypassed == _bypassBound)
                violation = Wrong(ViolationKind.BypassBound, $"{Name(r)} was passed over more than {_bypassBound} times");
            else
                t.Agents[r].Bypassed++;
        }

        return violation;
    }
}
