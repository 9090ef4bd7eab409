using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>What stands before each block of a log file: 4 bytes length, 1 kind, 1 stream, 2 zero, 4 CRC-32C of the
/// content, 4 CRC-32C of these twelve bytes.</summary>
internal readonly record struct BlockHeader(int Length, BlockKind Kind, byte Stream, uint Checksum)
{
    public const int Size = 16;

    public void WriteTo(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(destination, Length);
        destination[4] = (byte)Kind;
        destination[5] = Stream;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Crc32C.Compute(destination[..12]));
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out BlockHeader header)
    {
        header = new BlockHeader(
            BinaryPrimitives.ReadInt32LittleEndian(source), (BlockKind)source[4], source[5],
            BinaryPrimitives.ReadUInt32LittleEndian(source[8..]));
        return BinaryPrimitives.ReadUInt32LittleEndian(source[12..]) == Crc32C.Compute(source[..12])
            && header.Length >= 0 && header.Kind is > BlockKind.None and <= BlockKind.Trailer;
    }
}
