using System.Buffers.Binary;
using Determinism.Checkpoints;

namespace Determinism.Log;

/// <summary>The log that another one goes on from, and from where: the recorded machine was taken to an instant of the parent, and
/// went its own way from there.</summary>
/// <remarks>The child has all that its replay needs; the parent is named, and not needed.</remarks>
public sealed record ParentLog
{
    private const int IdentityBytes = 16;
    private const int HeadBytes = IdentityBytes + sizeof(ulong);

    /// <summary>The parent's identity; empty if it was given none.</summary>
    public required Guid Identity { get; init; }

    /// <summary>XXH3 (64 bits) of the content of its header block.</summary>
    public required ulong HeaderDigest { get; init; }

    /// <summary>Where its agents stood.</summary>
    public required Cut Cut { get; init; }

    /// <summary>The parent of a log; null if it has none.</summary>
    /// <param name="log">The log.</param>
    /// <exception cref="LogDamagedException">What it says of its parent cannot be read.</exception>
    public static ParentLog? Find(IEventLogReader log) =>
        Guard.NotNull(log).TryReadBlock(BlockKind.ParentLog, out ReadOnlyMemory<byte> content)
            ? FromBytes(content.Span, log.StreamCount) : null;

    /// <summary>Whether a log may be the parent: by its identity and header, not by its events.</summary>
    /// <param name="log">The log.</param>
    public bool IsOf(IEventLogReader log) =>
        Guard.NotNull(log).StreamCount == Cut.Positions.Count && LogOrigin.Of(log) is { } origin
        && origin.Identity == Identity && origin.HeaderDigest == HeaderDigest;

    internal byte[] ToBytes()
    {
        var buffer = new GrowingBuffer();
        Identity.ToByteArray().AsSpan().CopyTo(buffer.GetSpan(IdentityBytes));
        buffer.Advance(IdentityBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(sizeof(ulong)), HeaderDigest);
        buffer.Advance(sizeof(ulong));
        CutContent.Write(buffer, Cut);
        return buffer.Written.ToArray();
    }

    internal static ParentLog FromBytes(ReadOnlySpan<byte> content, int agentCount)
    {
        if (content.Length < HeadBytes || !CutContent.TryRead(content[HeadBytes..], agentCount, out Cut? cut))
            throw new LogDamagedException("What the log says of its parent cannot be read.");
        return new ParentLog
        {
            Identity = new Guid(content[..IdentityBytes].ToArray()),
            HeaderDigest = BinaryPrimitives.ReadUInt64LittleEndian(content[IdentityBytes..]),
            Cut = cut!,
        };
    }
}
