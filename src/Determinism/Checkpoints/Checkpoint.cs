using Determinism.Log;

namespace Determinism.Checkpoints;

/// <summary>The whole machine at a cut, in a log.</summary>
/// <remarks>Immutable. Its memory stays in the log, which must stay open and unchanged as long as it is used.</remarks>
public sealed class Checkpoint : ReplayStart
{
    internal Checkpoint(LogCheckpoints owner, CheckpointContent content)
        : base(content.Agents)
    {
        Owner = owner;
        Content = content;
    }

    /// <summary>Its number in the log, from 1.</summary>
    public int Number => Content.Number;

    /// <summary>Pieces of memory, 4096 bytes each, that changed since the checkpoint before it, or since the start.</summary>
    public int ChangedPieces => Content.Memory.Length;

    /// <summary>Of these and of the machine's state, those that had to be stored: no checkpoint so far had their
    /// content.</summary>
    public int StoredPieces => Content.StoredPieces;

    /// <summary>Bytes of the machine's state beside memory.</summary>
    public int StateBytes => Content.StateBytes;

    /// <summary>Bytes in the log, before compression.</summary>
    public int Bytes => Content.Bytes;

    /// <summary>Of an agent's vector clock: the last event of another that lies before all that the agent does from
    /// here.</summary>
    /// <param name="agent">The agent's number.</param>
    /// <param name="other">The other's.</param>
    public ulong ClockOf(int agent, int other) => Content.Agents[agent].Clock[other];

    internal LogCheckpoints Owner { get; }

    internal CheckpointContent Content { get; }

    internal override LogOrigin? Origin => Owner.Origin;

    internal override byte[] Read(MemoryWriter write) => Owner.Read(this, write);
}
