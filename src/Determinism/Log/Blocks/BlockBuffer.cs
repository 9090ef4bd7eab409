namespace Determinism.Log;

/// <summary>Room for one block's content at a time, used again for the next one.</summary>
internal sealed class BlockBuffer
{
    private byte[] _stored = [];

    public ScratchPair Scratch;

    public Memory<byte> Stored(int length)
    {
        if (_stored.Length < length)
            _stored = new byte[length];
        return _stored.AsMemory(0, length);
    }
}
