using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>The first 64 bytes of each segment.</summary>
internal readonly record struct SegmentStart(
    int Version, int StreamCount, int Number, Guid Identity, long FirstSequence, bool IsChained, bool IsEncrypted)
{
    public const int Size = 64;

    /// <summary>Whether the log's oldest part may have been dropped.</summary>
    public bool MayBeDropped => Version > LogHeader.CurrentVersion;

    public static ReadOnlySpan<byte> Magic => "DETLOG\r\n"u8;

    public void WriteTo(Span<byte> destination)
    {
        destination[..Size].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], (ushort)Version);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], (ushort)StreamCount);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], Number);
        Identity.ToByteArray().CopyTo(destination[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], FirstSequence);
        destination[40] = (byte)((IsChained ? 1 : 0) | (IsEncrypted ? 2 : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], Crc32C.Compute(destination[..60]));
    }

    public static bool IsWhole(ReadOnlySpan<byte> source) =>
        BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) == Crc32C.Compute(source[..60]);

    /// <exception cref="LogDamagedException">It is no log, of a version that this library does not know, or damaged.</exception>
    public static SegmentStart Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < Magic.Length || !source[..Magic.Length].SequenceEqual(Magic))
            throw new LogDamagedException("This is not a log.", 0);
        if (source.Length < Size)
            throw new LogDamagedException("The log's first bytes are cut off.", source.Length);
        if (!IsWhole(source))
            throw new LogDamagedException("The log's first bytes are damaged.", Magic.Length);
        int version = BinaryPrimitives.ReadUInt16LittleEndian(source[8..]);
        if (version is 0 or > LogHeader.NewestVersion)
            throw new LogDamagedException(
                $"The log has format version {version}; this library reads versions 1 to {LogHeader.NewestVersion}.");
        var start = new SegmentStart(
            version,
            BinaryPrimitives.ReadUInt16LittleEndian(source[10..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
            new Guid(source.Slice(16, 16).ToArray()),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            (source[40] & 1) != 0,
            (source[40] & 2) != 0);
        return start.StreamCount is > 0 and <= LogLimits.MaximumStreams && start is { Number: >= 0, FirstSequence: >= 0 }
            ? start
            : throw new LogDamagedException("The log's first bytes are of no log that could be written.", 10);
    }
}
