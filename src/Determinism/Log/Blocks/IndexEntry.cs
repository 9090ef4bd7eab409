using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>Where one block of a segment is, and what it begins with.</summary>
internal readonly record struct IndexEntry(
    long FileOffset, BlockKind Kind, byte Stream, int EventBytes, ulong FirstEvent, long StreamOffset, ulong FirstCount,
    ulong FirstExit)
{
    public const int Size = 48;

    public static IndexEntry Of(long fileOffset, in BlockHeader header) => new(
        fileOffset, header.Kind, header.Stream, header.Kind == BlockKind.Events ? header.EventBytes : 0,
        header.Extent.FirstEvent, header.Extent.StreamOffset, header.Extent.FirstCount, header.Extent.FirstExit);

    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, FileOffset);
        destination[8] = (byte)Kind;
        destination[9] = Stream;
        destination[10..12].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], EventBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], FirstEvent);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], StreamOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], FirstCount);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], FirstExit);
    }

    public static IndexEntry Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt64LittleEndian(source), (BlockKind)source[8], source[9],
        BinaryPrimitives.ReadInt32LittleEndian(source[12..]), BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[24..]), BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
        BinaryPrimitives.ReadUInt64LittleEndian(source[40..]));
}
