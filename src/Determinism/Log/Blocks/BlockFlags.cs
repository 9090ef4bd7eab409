namespace Determinism.Log;

/// <summary>What was done with a block's content. Values are part of the log format.</summary>
[Flags]
internal enum BlockFlags : byte
{
    None = 0,

    /// <summary>AES-GCM; the content ends with its tag.</summary>
    Encrypted = 1,

    /// <summary>The events are not of this library's encoding: no state stands before them, and no point is known.</summary>
    Opaque = 2,
}
