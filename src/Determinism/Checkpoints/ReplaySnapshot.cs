using Determinism.Log;

namespace Determinism.Checkpoints;

/// <summary>The whole machine as it stood in a replay (<see cref="Replaying.ReplaySession.TakeSnapshot"/>): another replay of
/// the same log starts there, or a new execution, on whatever backend replays it.</summary>
/// <remarks>Immutable. It keeps a copy of all memory that is not zero, and nothing of the replay.</remarks>
public sealed class ReplaySnapshot : ReplayStart
{
    private readonly byte[] _state;
    private readonly List<(ulong Address, byte[] Content)> _memory;

    internal ReplaySnapshot(AgentCheckpoint[] agents, byte[] state, List<(ulong Address, byte[] Content)> memory, LogOrigin? origin)
        : base(agents)
    {
        Origin = origin;
        _state = state;
        _memory = memory;
    }

    /// <summary>Bytes that it keeps.</summary>
    public long Bytes => _state.Length + _memory.Sum(static piece => (long)piece.Content.Length);

    internal override LogOrigin? Origin { get; }

    internal override byte[] Read(MemoryWriter write)
    {
        foreach ((ulong address, byte[] content) in _memory)
            write(address, content);
        return _state;
    }
}
