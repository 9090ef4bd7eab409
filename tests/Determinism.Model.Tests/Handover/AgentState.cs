using System.Runtime.CompilerServices;

namespace Determinism.Model.Tests.Handover;

/// <summary>The word that agents change by compare-and-swap only.</summary>
internal enum StateWord : byte
{
    Running,

    /// <summary>Waits, or has ended (Gone), at a named point.</summary>
    Parked,

    Claimed,
}

internal enum Right : byte
{
    None,
    Read,
    ReadWrite,
}

/// <summary>Where an agent's thread is in the code.</summary>
internal enum At : byte
{
    /// <summary>In the guest, at an instruction.</summary>
    Guest,

    /// <summary>In the guest, rights checked, access not yet made.</summary>
    Accessing,

    /// <summary>In the guest, before the poll that follows an instruction.</summary>
    Polling,

    /// <summary>Left at a fault, a named synchronous point.</summary>
    Faulted,

    /// <summary>FastGrant has changed the frame word; the own right is not raised yet.</summary>
    Raising,

    /// <summary>Has a place in the queue and has asked, and is not parked yet.</summary>
    Announced,

    /// <summary>Parked, will look at Asked.</summary>
    Parking,

    /// <summary>Parked and asked, wants the gate to wake the waiters.</summary>
    Waking,

    /// <summary>Wants the gate; parked, or to announce itself.</summary>
    AtGate,

    /// <summary>In the gate, looks at the next conflicting holder.</summary>
    Examining,

    /// <summary>In the gate, has read a holder's pins and will set its Asked; only where the flaw makes that matter.</summary>
    Hesitating,

    /// <summary>In the gate, has set a holder's Asked, fence, will read its state word.</summary>
    Asking,

    /// <summary>In the gate, has claimed a holder.</summary>
    Reducing,

    /// <summary>In the gate, has reduced a holder.</summary>
    Releasing,

    /// <summary>Waits on the gate's condition.</summary>
    Asleep,

    /// <summary>Parked with everything granted, or at the end of a halt.</summary>
    Leaving,

    /// <summary>Running again, will look at Asked.</summary>
    Looking,

    /// <summary>Running at a point, wants the gate to serve requests.</summary>
    Serving,

    Ended,
}

[InlineArray(HandoverModel.FrameCount)]
internal struct PerFrame<T>
{
    private T _first;
}

internal struct AgentState
{
    public StateWord Word;
    public At At;

    /// <summary>The volatile hint that somebody waits for this agent.</summary>
    public bool Asked;

    /// <summary>The poll limit is set: the next poll leaves the guest.</summary>
    public bool Armed;

    /// <summary>A kick is on its way or pending.</summary>
    public bool Kicked;

    /// <summary>Frames that must not be reduced before the instruction has retired.</summary>
    public byte Pins;

    /// <summary>What the backend enforces.</summary>
    public PerFrame<Right> Rights;

    /// <summary>How many frames of the request are granted and pinned.</summary>
    public byte Position;

    /// <summary>Order of arrival at the frame whose turn it is, as a rank among all waiting requests; 0 = no request.</summary>
    public byte Arrival;

    public Instruction Instruction;

    /// <summary>The second frame of a walk has been found.</summary>
    public bool Discovered;

    public byte Faults;

    /// <summary>Others' grants on the awaited frame since its turn came.</summary>
    public byte Bypassed;

    /// <summary>Who was reduced for the frame whose turn it is.</summary>
    public byte Sources;

    /// <summary>Position in the program.</summary>
    public byte Next;

    /// <summary>Ghost: has executed something since the last point that can be named.</summary>
    public bool Moved;

    /// <summary>Which agents' latest event the clock of this agent's latest event contains (what the code believes).</summary>
    public byte Knows;

    /// <summary>Ghost: the same from the written constraints alone.</summary>
    public byte TrulyKnows;

    /// <summary>
    /// Ghost: the accesses (the latest of each agent, frame and kind) that the written constraints order before
    /// this agent's latest event. An access that never happened counts as ordered.
    /// </summary>
    public ushort Covered;

    /// <summary>Ghost for planted bugs: the same for an earlier event.</summary>
    public ushort CoveredBefore;
}

internal struct FrameWord
{
    public byte Holders;
    public bool Exclusive;

    /// <summary>Agent plus one; 0 = nobody.</summary>
    public byte LastWriter;

    public bool Touched;

    /// <summary>Some right was reduced since the last ReadWrite grant.</summary>
    public bool Reduced;
}

[InlineArray(HandoverModel.MaxAgents)]
internal struct Agents
{
    private AgentState _first;
}

internal struct MachineState
{
    public Agents Agents;
    public PerFrame<FrameWord> Frames;

    /// <summary>The agent in the gate plus one; 0 = free.</summary>
    public byte Gate;

    /// <summary>The holder that the agent in the gate looks at.</summary>
    public byte Examined;

    public bool MustWait;

    /// <summary>The holder's pin, as read before Asked was set.</summary>
    public bool SeenPinned;

    /// <summary>The holder was not asked before.</summary>
    public bool FirstAsk;

    /// <summary>For the flaw <see cref="Flaw.NoFenceAfterAsk"/>: the holder ran before Asked became visible.</summary>
    public bool SeenRunning;
}
