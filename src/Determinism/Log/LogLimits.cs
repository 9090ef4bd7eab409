namespace Determinism.Log;

/// <summary>What bounds a log's shape and a reader's memory.</summary>
internal static class LogLimits
{
    /// <summary>A stream is named by one byte.</summary>
    public const int MaximumStreams = 254;

    /// <summary>Bytes of events that are gathered before a block is written.</summary>
    public const int BlockBytes = 1 << 16;

    /// <summary>Bytes of the longest content: the most that an array has.</summary>
    public const int MaximumContentBytes = 0x7FFFFFC7;

    /// <summary>The last kind of block that there is.</summary>
    public const BlockKind LastKind = BlockKind.Beginning;
}
