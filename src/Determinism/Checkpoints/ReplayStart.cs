using Determinism.Log;

namespace Determinism.Checkpoints;

/// <summary>The whole machine at a cut: a replay can start there (<see cref="Replaying.ReplayOptions.From"/>), and so can another
/// execution (<see cref="Recording.RecordingOptions.From"/>).</summary>
/// <remarks>A <see cref="Checkpoint"/> of the log, or a <see cref="ReplaySnapshot"/> of a replay. Immutable.</remarks>
public abstract class ReplayStart
{
    private protected ReplayStart(AgentCheckpoint[] agents)
    {
        Agents = agents;
        Cut = new Cut(Array.ConvertAll(agents, static agent => agent.Position));
    }

    /// <summary>Where the agents stand.</summary>
    public Cut Cut { get; }

    /// <summary>Whether an agent had come to its end.</summary>
    /// <param name="agent">The agent's number.</param>
    public bool HasEnded(int agent) => Agents[agent].Progress.HasEnded;

    /// <summary>Where an agent is.</summary>
    /// <param name="agent">The agent's number.</param>
    public ExecutionPoint PointOf(int agent) => Agents[agent].Progress.Point;

    /// <summary>What an agent holds, promises left aside, ascending by frame.</summary>
    /// <param name="agent">The agent's number.</param>
    public IReadOnlyList<FrameRequest> RightsOf(int agent) => Agents[agent].Rights;

    internal AgentCheckpoint[] Agents { get; }

    /// <summary>The log that it is of; null if that has no header.</summary>
    internal abstract LogOrigin? Origin { get; }

    /// <summary>Puts the machine together in one that has not run.</summary>
    /// <exception cref="LogDamagedException">It is no state of such a machine.</exception>
    internal void Restore(IVmBackend backend, MachineShape shape, ICheckpointState machine) => machine.Load(Read((address, content) =>
    {
        if (address >= shape.MemoryBytes)
            throw new LogDamagedException($"A checkpoint has memory at 0x{address:X}, where there is none.");
        backend.WriteMemory(address, content[..(int)Math.Min((ulong)content.Length, shape.MemoryBytes - address)]);
    }));

    /// <summary>Puts the machine together.</summary>
    /// <param name="write">Gets the address and the content of each piece of memory that may not be as it was at the
    /// start.</param>
    /// <returns>The machine's state beside memory.</returns>
    internal abstract byte[] Read(MemoryWriter write);
}
