namespace Determinism.Log;

/// <summary>Room for one block's content at a time, used again for the next one.</summary>
internal sealed class BlockBuffer
{
    private byte[] _stored = [];
    private ulong[] _sources = [];

    public ScratchPair Scratch;

    public Memory<byte> Stored(int length)
    {
        if (_stored.Length < length)
            // Full blocks differ by some bytes: the next longer one must not need new room again.
            _stored = new byte[length <= LogLimits.BlockBytes * 2 ? length + (length / 16) : length];
        return _stored.AsMemory(0, length);
    }

    /// <summary>Room for the state that a block begins with. Whoever keeps the state makes a copy.</summary>
    public ulong[] Sources(int agentCount)
    {
        if (_sources.Length != agentCount)
            _sources = new ulong[agentCount];
        return _sources;
    }
}
