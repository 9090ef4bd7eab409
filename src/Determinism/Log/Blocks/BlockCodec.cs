namespace Determinism.Log;

/// <summary>How a block's content is compressed. Values are part of the log format.</summary>
public enum BlockCodec : byte
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>One LZ4 block, where that saves an eighth or more.</summary>
    Lz4 = 1,
}
