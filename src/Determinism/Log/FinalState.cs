using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>The content of a log's block of that kind: eight bytes of digest.</summary>
internal static class FinalState
{
    public static byte[] ToBytes(ulong digest)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, digest);
        return bytes;
    }

    /// <summary>The digest in a log; null if it has none.</summary>
    /// <exception cref="LogDamagedException">The block is not one.</exception>
    public static ulong? Find(IEventLogReader log)
    {
        if (!log.TryReadBlock(BlockKind.FinalState, out ReadOnlyMemory<byte> content))
            return null;
        return content.Length == sizeof(ulong)
            ? BinaryPrimitives.ReadUInt64LittleEndian(content.Span)
            : throw new LogDamagedException("The log's digest of the final state has not eight bytes.");
    }
}
