using System.IO.Hashing;

namespace Determinism.Log;

/// <summary>Which log a state is of.</summary>
internal sealed record LogOrigin(Guid Identity, ulong HeaderDigest, LogHeader Header)
{
    /// <summary>Of a log; null if it has no header.</summary>
    /// <exception cref="LogDamagedException">It has one that cannot be read.</exception>
    public static LogOrigin? Of(IEventLogReader log) => log.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> content)
        ? new LogOrigin(IdentityOf(log), XxHash3.HashToUInt64(content.Span), LogHeader.FromBytes(content.Span)) : null;

    private static Guid IdentityOf(IEventLogReader log) => log switch
    {
        ClosedLog closed => IdentityOf(closed.Log),
        FileEventLogReader files => files.Identity,
        _ => Guid.Empty,
    };
}
