using Determinism.Checkpoints;

namespace Determinism.Log;

/// <summary>Where the agents stood when a recording was detached from a machine that went on: a replay ends there.</summary>
internal static class LogEnd
{
    /// <summary>The kinds of blocks that say how the recording ended: of a log that was cut short, they are not true.</summary>
    public static bool IsOfEnd(BlockKind kind) => kind is BlockKind.FinalState or BlockKind.LogEnd;

    public static byte[] ToBytes(Cut cut)
    {
        var buffer = new GrowingBuffer();
        CutContent.Write(buffer, cut);
        return buffer.Written.ToArray();
    }

    /// <summary>Where a log ends; null if it ends with its agents, or breaks off.</summary>
    /// <exception cref="LogDamagedException">The block is not one.</exception>
    public static Cut? Find(IEventLogReader log) =>
        log.TryReadBlock(BlockKind.LogEnd, out ReadOnlyMemory<byte> content) ? FromBytes(content.Span, log.StreamCount) : null;

    public static Cut FromBytes(ReadOnlySpan<byte> content, int agentCount) => CutContent.TryRead(content, agentCount, out Cut? cut)
        ? cut! : throw new LogDamagedException("Where the recording was detached cannot be read.");
}
