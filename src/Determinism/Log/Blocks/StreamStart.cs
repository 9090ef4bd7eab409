using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>Where a stream stands when a segment begins.</summary>
/// <param name="NextEvent">Number of its next event.</param>
/// <param name="Offset">Bytes of events before.</param>
/// <param name="Count">The clock's count in force.</param>
/// <param name="Exit">The exit in force.</param>
internal readonly record struct StreamStart(ulong NextEvent, long Offset, ulong Count, ulong Exit)
{
    public const int Bytes = 32;

    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, NextEvent);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Count);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Exit);
    }

    public static StreamStart Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(source[16..]), BinaryPrimitives.ReadUInt64LittleEndian(source[24..]));
}
