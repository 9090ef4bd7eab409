using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>The last 32 bytes of a segment that is closed: where its index is.</summary>
internal readonly record struct SegmentEnd(long IndexOffset, long EndSequence)
{
    public const int Size = 32;

    private static ReadOnlySpan<byte> Magic => "DETLOGIX"u8;

    public void WriteTo(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(destination, IndexOffset);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], EndSequence);
        Magic.CopyTo(destination[16..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[28..], Crc32C.Compute(destination[..28]));
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentEnd end)
    {
        end = default;
        if (source.Length < Size || !source.Slice(16, Magic.Length).SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[28..]) != Crc32C.Compute(source[..28]))
            return false;
        end = new SegmentEnd(
            BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]));
        return end is { IndexOffset: >= SegmentStart.Size, EndSequence: >= 0 };
    }
}
