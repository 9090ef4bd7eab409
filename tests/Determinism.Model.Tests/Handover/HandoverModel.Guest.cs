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
                else if (choice == Instruction.Halt)
                    Halt(t, move);
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

        // The first fault of an instruction is another point than the pinned one. A second one has found another
        // frame: whatever is pinned is released, and all frames are acquired again in order.
        if (me.Faults == 0 || _flaw is not (Flaw.PinsKeptOnDiscovery or Flaw.PinsDroppedInGate))
            me.Pins = 0;
        me.Kicked = false;
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
        t.Agents[a].Kicked = false;
        t.Agents[a].At = At.Serving;
        move.Add(Step.Exit, in t);
    }

    /// <summary>Not a point: only the limit of the next poll may be set here.</summary>
    private void HostExit(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        me.Kicked = false;
        me.Armed |= me.Asked && _flaw != Flaw.HostExitForgetsAsked;
        if (me.Instruction == Instruction.None)
            me.Pins = 0;
        if (me.Asked && _flaw == Flaw.ServedAtHostExit)
            me.At = At.Serving;
        move.Add(Step.HostExit, in t);
    }

    /// <summary>Frame by frame on the fast path while no other agent is involved; else everything on the slow one.</summary>
    private void Faulted(in MachineState state, Move move)
    {
        int a = move.Agent;
        ref readonly AgentState me = ref state.Agents[a];
        int first = int.TrailingZeroCount(Missing(in me));
        FrameWord word = state.Frames[first];
        bool upgrade = word.Holders == Bit(a) && (!word.Reduced || _flaw == Flaw.FastGrantIgnoresReduced);
        if (word.Touched && !upgrade)
        {
            bool isHeld = (word.Holders & ~Bit(a)) != 0;
            if (isHeld && _announcing != Announcing.Never)
                Announce(state, move);
            if (!isHeld || _announcing != Announcing.Always)
                Park(state, move);
            return;
        }

        // First touch may grant ReadWrite at once: a policy, so both are explored.
        FastGrant(state, first, Right.ReadWrite, move);
        if (me.Instruction.Need(me.Discovered, first) == Right.Read)
            FastGrant(state, first, Right.Read, move);
    }

    /// <summary>Goes to ask before it is ready to park.</summary>
    private static void Announce(MachineState t, Move move)
    {
        t.Agents[move.Agent].At = At.AtGate;
        move.Add(Step.Announce, in t);
    }

    private void FastGrant(MachineState t, int f, Right right, Move move)
    {
        int a = move.Agent;
        Violation? violation = CountBypass(ref t, a, f);
        ref FrameWord word = ref t.Frames[f];
        word.Touched = true;
        word.Holders = (byte)Bit(a);
        word.Exclusive = right == Right.ReadWrite;
        word.Reduced = false;
        if (word.Exclusive)
            word.LastWriter = (byte)(a + 1);
        t.Agents[a].At = At.Raising;
        move.Add(Step.FastGrant, f, in t, violation);
    }

    private void Raise(MachineState t, Move move)
    {
        int a = move.Agent;
        int f = int.TrailingZeroCount(Missing(in t.Agents[a]));
        CompleteEvent(ref t, a);
        t.Agents[a].Rights[f] = t.Frames[f].Exclusive ? Right.ReadWrite : Right.Read;
        t.Agents[a].At = Missing(in t.Agents[a]) == 0 ? At.Looking : At.Faulted;
        if (t.Agents[a].At == At.Looking && _flaw != Flaw.FastGrantUnpinned)
            t.Agents[a].Pins = NeededFrames(in t.Agents[a]);
        move.Add(Step.Raise, in t);
    }

    private void Halt(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        me.Pins = 0;
        me.Moved = false;
        me.Kicked = false;
        Park(t, move);
    }

    private void End(MachineState t, Move move)
    {
        int a = move.Agent;
        ref AgentState me = ref t.Agents[a];
        me.Pins = 0;
        me.Moved = false;
        me.Kicked = false;
        for (int f = 0; f < FrameCount && _flaw == Flaw.GoneForgotten; f++)
        {
            me.Rights[f] = Right.None;
            t.Frames[f].Holders &= (byte)~Bit(a);
        }

        Park(t, move);
    }

    /// <summary>Publishes Parked at a named point, then, after a full fence, looks at Asked.</summary>
    private void Park(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        if (_flaw == Flaw.LookBeforePark && me.At != At.Parking)
        {
            me.At = me.Asked ? At.Waking : At.Parking;
            move.Add(Step.Look, in t);
            return;
        }

        me.Word = StateWord.Parked;
        me.At = At.Parking;
        if (_flaw is Flaw.LookBeforePark or Flaw.ParkWithoutLook)
            AfterPark(ref me);
        move.Add(Step.Park, in t);
    }

    private void LookParked(MachineState t, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        if (me.Word == StateWord.Running)
        {
            Park(t, move);
            return;
        }

        if (me.Asked)
            me.At = At.Waking;
        else
            AfterPark(ref me);
        move.Add(Step.Look, in t);
    }

    /// <summary>Who asked saw Running and sleeps: now this agent can be claimed.</summary>
    private void Wake(MachineState t, Move move)
    {
        if (t.Gate != 0)
            return;
        ref AgentState me = ref t.Agents[move.Agent];
        if (_flaw == Flaw.LookBeforePark)
            me.Word = StateWord.Parked;
        AfterPark(ref me);
        WakeAll(ref t);
        move.Add(Step.Wake, in t);
    }

    private static void AfterPark(ref AgentState me) => me.At = me.Instruction switch
    {
        Instruction.None => At.Ended,
        Instruction.Halt => At.Leaving,
        _ => At.AtGate,
    };

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
        if (_flaw == Flaw.LookBeforeUnpark && me.Word != StateWord.Running)
        {
            if (me.Word == StateWord.Parked)
                Unpark(t, At.Guest, move);
            return;
        }

        if (me.Asked)
            me.At = At.Serving;
        else
            EnterGuest(ref me, move.Agent);
        move.Add(Step.Look, in t);
    }

    private void Unpark(MachineState t, At next, Move move)
    {
        ref AgentState me = ref t.Agents[move.Agent];
        me.Word = StateWord.Running;
        me.At = next;
        if (_flaw == Flaw.PinsDroppedAtUnpark)
            me.Pins = 0;
        if (next == At.Guest)
            EnterGuest(ref me, move.Agent);
        move.Add(Step.Unpark, in t);
    }

    private void EnterGuest(ref AgentState me, int agent)
    {
        me.At = At.Guest;
        if (me.Instruction != Instruction.Halt)
            return;
        me.Instruction = Instruction.None;
        Advance(ref me, agent);
    }

    private static byte NeededFrames(in AgentState me)
    {
        int needed = 0;
        for (int f = 0; f < FrameCount; f++)
            needed |= me.Instruction.Need(me.Discovered, f) != Right.None ? Bit(f) : 0;
        return (byte)needed;
    }

    private static int Missing(in AgentState me)
    {
        int missing = 0;
        for (int f = 0; f < FrameCount; f++)
            missing |= me.Rights[f] < me.Instruction.Need(me.Discovered, f) ? Bit(f) : 0;
        return missing;
    }
}
