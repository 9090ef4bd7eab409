using System.Buffers;

namespace Determinism;

/// <summary>What a machine has beside guest memory and the session's own state: registers, devices, what is pending. A
/// checkpoint carries it, and a replay that starts there gives it back.</summary>
/// <remarks>
/// <para>It is saved while the whole machine stands still: each agent is about to enter the guest, waits to be woken, or has
/// ended. It is loaded into a machine that has not run, after its memory. The machine then runs each agent's loop from where
/// it stood: an agent that waited waits again, and one that had ended (<c>AgentSession.HasEnded</c>) ends again at
/// once.</para>
/// <para>What is saved is cut into pieces of 4096 bytes, and equal pieces are stored once: what is large and changes little
/// comes first, at a place of its own.</para>
/// </remarks>
public interface ICheckpointState
{
    /// <summary>Writes all of it. On whichever thread makes the checkpoint; vCPUs stand still meanwhile.</summary>
    /// <param name="destination">Where to.</param>
    void Save(IBufferWriter<byte> destination);

    /// <summary>Takes over what another machine of the same configuration has saved, on any backend that replays the
    /// log. Before anybody runs.</summary>
    /// <param name="state">All that was written.</param>
    /// <exception cref="LogDamagedException">It is not what such a machine saves.</exception>
    void Load(ReadOnlySpan<byte> state);
}
