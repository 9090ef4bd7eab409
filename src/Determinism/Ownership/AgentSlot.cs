using System.Runtime.InteropServices;

namespace Determinism.Ownership;

/// <summary>Whether somebody else may act on an agent.</summary>
internal enum AgentState
{
    /// <summary>In the guest or in its own exit handler: only the agent changes its rights.</summary>
    Running = 0,

    /// <summary>Waiting, or ended, at a named point: whoever claims it may reduce it.</summary>
    Parked = 1,

    /// <summary>A winner acts as this agent; it cannot go on until released.</summary>
    Claimed = 2,
}

/// <summary>The two words over which an agent and those who want something of it meet, on a cache line of their own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct AgentSlot
{
    /// <summary>An <see cref="AgentState"/>. Running→Parked by the agent; Parked→Running and Parked→Claimed by
    /// compare-and-swap; Claimed→Parked by the claimer.</summary>
    [FieldOffset(64)]
    public int State;

    /// <summary>Not zero: somebody waits for a right of this agent (1: wants to hear when it parks, 2: wants it served
    /// soon). Set, then a full fence, then State is read, by the
    /// one; State is set to Running, then a full fence, then this is read, by the other (Dekker): one of them sees.</summary>
    [FieldOffset(68)]
    public int Asked;
}
