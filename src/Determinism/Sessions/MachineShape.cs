namespace Determinism;

/// <summary>What a session must know of a machine: how many agents and frames it has.</summary>
/// <remarks>Agents are numbered vCPUs first, then device agents; frames: RAM first, then pseudo-frames.</remarks>
public sealed record MachineShape
{
    /// <summary>Number of vCPUs.</summary>
    public required int VcpuCount { get; init; }

    /// <summary>Number of agents that are not vCPUs: devices with DMA, threads of the VMM.</summary>
    public int DeviceAgentCount { get; init; }

    /// <summary>Size of guest-physical memory in bytes.</summary>
    public required ulong MemoryBytes { get; init; }

    /// <summary>Binary logarithm of the frame size: 6 (64 B) to 30 (1 GiB).</summary>
    public int PageShift { get; init; } = 12;

    /// <summary>Number of pseudo-frames: one for each device register file, interrupt controller, pending word.</summary>
    public int PseudoFrameCount { get; init; }

    /// <summary>Number of agents.</summary>
    public int AgentCount => VcpuCount + DeviceAgentCount;

    /// <summary>Number of frames of RAM.</summary>
    public ulong RamFrameCount => ((MemoryBytes - 1) >> PageShift) + 1;

    /// <summary>Number of frames of both kinds, and the baton.</summary>
    public ulong FrameCount => RamFrameCount + (ulong)PseudoFrameCount + 1;

    /// <summary>The pseudo-frame that stands for the whole machine: who holds it exclusively has everything, who shares it
    /// has what else it holds. See docs/decisions/014-turns.md.</summary>
    internal ulong BatonFrame => FrameCount - 1;

    /// <summary>The frame of a guest-physical address.</summary>
    /// <param name="address">The address.</param>
    public ulong FrameOf(ulong address) => address >> PageShift;

    /// <summary>The number of a pseudo-frame.</summary>
    /// <param name="index">Its index, from 0.</param>
    internal ulong PseudoFrame(int index)
    {
        Guard.InRange((uint)index < (uint)PseudoFrameCount, index, nameof(index), "No such pseudo-frame.");
        return RamFrameCount + (ulong)index;
    }

    internal void Validate()
    {
        Guard.InRange(VcpuCount is > 0 and <= 254 && DeviceAgentCount is >= 0 and <= 254 && AgentCount <= 254, AgentCount, nameof(AgentCount),
            "Between 1 and 254 agents, at least one of them a vCPU.");
        Guard.InRange(PageShift is >= 6 and <= 30, PageShift, nameof(PageShift), "Frames of 64 bytes to 1 GiB.");
        Guard.InRange(MemoryBytes > 0, MemoryBytes, nameof(MemoryBytes), "No memory.");
        Guard.InRange(PseudoFrameCount >= 0, PseudoFrameCount, nameof(PseudoFrameCount), "Not negative.");
    }
}
