using Determinism.Model.Tests.Checking;

namespace Determinism.Model.Tests.Handover;

/// <summary>What an agent does by itself: instructions, polls, exits, the fast grant, parking, ending.</summary>
internal sealed partial class HandoverModel
{
    private void Guest(in MachineState state, Move move)
    {
        int a = move.Agent;
        ref readonly AgentState me = ref state.Agents[a];
        if (me.Kicked)
        {
            HostExit(state, move);
            return;
        }

        if (me.Instruction != Instruction.None)
        {
            Access(state, move);
            return;
        }

        Program program = _programs[a];
        if (me.Next < program.Places.Length)
        {
            foreach (Instruction choice in program.Places[me.Next])
            {
                MachineState t = state;
                t.Agents[a].Instruction = choice;
                if (choice == Instruction.None)
                    Pause(t, move);
                else
                    Access(t, move);
            }

            return;
        }

        if (program.Ending != Handover.Ending.End)
            Pause(state, move);
        if (program.Ending != Handover.Ending.Spin)
            End(state, move);
    }

    /// <summary>The check before the access: by the MMU, or by the managed machine's right table.</summary>
    private void Access(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        int missing = Missing(in me);
        if (missing == 0 && me.Instruction.Walks() && !me.Discovered)
        {
            me.Discovered = true;
            me.At = At.Guest;
            move.Add(Step.Discover, (int)me.Instruction, in t);
        }
        else if (missing == 0)
        {
            me.At = At.Accessing;
            move.Add(Step.Access, (int)me.Instruction, in t);
        }
        else
        {
            Fault(t, missing, move);
        }
    }

    private void Fault(MachineState t, int missing, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];

        // The first fault of an instruction is another point than the pinned one. At the same point, a missing
        // frame below a pinned one would break the order of acquisition.
        bool lowerFound = (missing & -missing) < me.Pins;
        if (me.Faults == 0 || (lowerFound && _flaw != Flaw.PinsKeptOnDiscovery))
            me.Pins = 0;
        me.Faults++;
        me.Moved = false;
        me.At = At.Faulted;
        int bound = me.Instruction.Walks() ? 2 : 1;
        Violation? violation = me.Faults > bound
            ? Wrong(ViolationKind.FaultBound, $"{Name(move.Agent)} faults more than {bound} times in one instruction")
            : null;
        me.Faults = (byte)Math.Min(me.Faults, bound + 1);
        move.Add(Step.Fault, (int)me.Instruction, in t, violation);
    }

    private void Retire(MachineState t, Move move)
    {
        int a = move.Agent;
        Instruction instruction = t.Agents[a].Instruction;
        Violation? violation = null;
        for (int f = 0; f < FrameCount; f++)
        {
            Right need = instruction.Need(discovered: true, f);
            if (need == Right.None)
                continue;
            if (t.Agents[a].Rights[f] < need)
                violation ??= Wrong(ViolationKind.AccessWithoutRight, $"{Name(a)} accesses frame {f} after losing its right");
            violation ??= RecordAccess(ref t, a, f, need);
        }

        ref AgentState me = ref t.Agents[a];
        me.Instruction = Instruction.None;
        me.Discovered = false;
        me.Faults = 0;
        me.Moved = true;
        me.At = At.Polling;
        Advance(ref me, a);
        move.Add(Step.Retire, (int)instruction, in t, violation);
    }

    private void Pause(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        me.At = At.Polling;
        Advance(ref me, move.Agent);
        move.Add(Step.Pause, in t);
    }

    private void Advance(ref AgentState me, int agent)
    {
        int length = _programs[agent].Places.Length;
        if (me.Next == length)
            return;
        me.Next++;
        if (me.Next == length && _programs[agent].Ending == Handover.Ending.Repeat)
            me.Next = 0;
    }

    /// <summary>An unarmed poll goes on; the look at Asked without the limit is allowed, not promised.</summary>
    private void Poll(in MachineState state, Move move)
    {
        int a = move.Agent;
        if (state.Agents[a].Kicked)
        {
            HostExit(state, move);
            return;
        }

        MachineState t = state;
        t.Agents[a].Moved = false;
        t.Agents[a].At = At.Guest;
        if (!state.Agents[a].Armed)
            move.Add(Step.Poll, in t);
        if (!state.Agents[a].Armed && !state.Agents[a].Asked)
            return;
        t.Agents[a].Pins = 0;
        t.Agents[a].At = At.Serving;
        move.Add(Step.Exit, in t);
    }

    /// <summary>Not a point: only the limit of the next poll may be set here.</summary>
    private void HostExit(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        me.Kicked = false;
        me.Armed |= me.Asked;
        if (me.Asked && _flaw == Flaw.ServedAtHostExit)
            me.At = At.Serving;
        move.Add(Step.HostExit, in t);
    }

    private void Faulted(in MachineState state, Move move)
    {
        int a = move.Agent;
        MachineState t = state;
        t.Agents[a].Word = StateWord.Parked;
        t.Agents[a].At = At.AtGate;
        move.Add(Step.Park, in t);

        int missing = Missing(in state.Agents[a]);
        if (int.PopCount(missing) != 1)
            return;
        int f = int.TrailingZeroCount(missing);
        Right need = state.Agents[a].Instruction.Need(state.Agents[a].Discovered, f);
        FrameWord word = state.Frames[f];

        // Whoever waits comes first, and what was reduced for it must become its sources.
        if (Wanted(in state, f) && _flaw != Flaw.FastGrantIgnoresWanted)
            return;
        if (!word.Touched)
        {
            // First touch may grant ReadWrite at once: a policy, so both are explored.
            FastGrant(state, f, Right.ReadWrite, move);
            if (need == Right.Read)
                FastGrant(state, f, Right.Read, move);
        }
        else if (word.Holders == Bit(a))
        {
            FastGrant(state, f, Right.ReadWrite, move);
        }
    }

    private void FastGrant(MachineState t, int f, Right right, Move move)
    {
        int a = move.Agent;
        Violation? violation = CountBypass(ref t, a, f);
        ref FrameWord word = ref t.Frames[f];
        word.Touched = true;
        word.Holders = (byte)Bit(a);
        word.Exclusive = right == Right.ReadWrite;
        if (word.Exclusive)
        {
            word.LastWriter = (byte)(a + 1);
            word.PastReaders = 0;
        }

        t.Agents[a].At = At.Raising;
        move.Add(Step.FastGrant, f, in t, violation);
    }

    private void Raise(MachineState t, Move move)
    {
        int a = move.Agent;
        int f = int.TrailingZeroCount(Missing(in t.Agents[a]));
        CompleteEvent(ref t, a);
        t.Agents[a].Rights[f] = t.Frames[f].Exclusive ? Right.ReadWrite : Right.Read;
        t.Agents[a].At = At.Guest;
        move.Add(Step.Raise, in t);
    }

    /// <summary>Publishes Running (fails while claimed), or, with the flaw, looks at Asked first.</summary>
    private void Leave(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        if (_flaw == Flaw.LookBeforeUnpark)
        {
            me.Armed |= me.Asked;
            me.At = At.Looking;
            move.Add(Step.Look, in t);
        }
        else if (me.Word == StateWord.Parked)
        {
            Unpark(t, At.Looking, move);
        }
    }

    private void Look(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        if (_flaw != Flaw.LookBeforeUnpark)
        {
            me.At = me.Asked ? At.Serving : At.Guest;
            move.Add(Step.Look, in t);
        }
        else if (me.Word == StateWord.Parked)
        {
            Unpark(t, At.Guest, move);
        }
    }

    private void Unpark(MachineState t, At next, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        me.Word = StateWord.Running;
        me.At = next;
        if (_flaw == Flaw.PinsDroppedAtUnpark)
            me.Pins = 0;
        move.Add(Step.Unpark, in t);
    }

    private void End(MachineState t, Move move)
    {
        int a = move.Agent;
        ref AgentState me = ref t.Agents[a];
        me.Word = StateWord.Gone;
        me.Pins = 0;
        me.Moved = false;
        me.At = _flaw == Flaw.EndWithoutServe ? At.Ended : At.Ending;
        for (int f = 0; f < FrameCount && _flaw == Flaw.GoneForgotten; f++)
        {
            me.Rights[f] = Right.None;
            t.Frames[f].Holders &= (byte)~Bit(a);
        }

        move.Add(Step.End, in t);
    }

    /// <summary>Gone is published; who asked before and saw Running must be answered.</summary>
    private void Ending(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        if (!me.Asked)
        {
            me.At = At.Ended;
            move.Add(Step.Look, in t);
        }
        else if (t.Gate == 0)
        {
            Violation? violation = ServeAll(ref t, move.Agent);
            t.Agents[move.Agent].At = At.Ended;
            move.Add(Step.Serve, in t, violation);
        }
    }

    private static int Missing(in AgentState me)
    {
        int missing = 0;
        for (int f = 0; f < FrameCount; f++)
            missing |= me.Rights[f] < me.Instruction.Need(me.Discovered, f) ? Bit(f) : 0;
        return missing;
    }
}
