using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>The closed segments of a log, and where every stream stands at the start of each. A log can be read without it:
/// it saves a reader from opening all segments.</summary>
internal sealed class Manifest(Guid identity, int streamCount)
{
    public const string Name = "manifest";
    public const string NewName = "manifest.new";

    private const int StartBytes = 40;
    private const int SegmentBytes = 24;
    private const int StreamBytes = 32;

    private static ReadOnlySpan<byte> Magic => "DETLOGMF"u8;

    /// <summary>More is no manifest of any log.</summary>
    public const int MaximumBytes = 256 << 20;

    public Guid Identity => identity;

    public int StreamCount => streamCount;

    /// <summary>Whether the last segment is the log's last.</summary>
    public bool IsComplete { get; set; }

    public List<ClosedSegment> Segments { get; } = [];

    public byte[] ToBytes()
    {
        var bytes = new byte[StartBytes + (Segments.Count * (SegmentBytes + (streamCount * StreamBytes))) + sizeof(uint)];
        Span<byte> rest = bytes;
        Magic.CopyTo(rest);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[8..], LogHeader.CurrentVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[10..], (ushort)streamCount);
        BinaryPrimitives.WriteInt32LittleEndian(rest[12..], Segments.Count);
        identity.ToByteArray().CopyTo(rest[16..]);
        rest[32] = IsComplete ? (byte)1 : (byte)0;
        rest = rest[StartBytes..];
        foreach (ClosedSegment segment in Segments)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, segment.Length);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], segment.FirstSequence);
            BinaryPrimitives.WriteInt64LittleEndian(rest[16..], segment.EndSequence);
            rest = rest[SegmentBytes..];
            foreach (StreamStart start in segment.Starts)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(rest, start.NextEvent);
                BinaryPrimitives.WriteInt64LittleEndian(rest[8..], start.Offset);
                BinaryPrimitives.WriteUInt64LittleEndian(rest[16..], start.Count);
                BinaryPrimitives.WriteUInt64LittleEndian(rest[24..], start.Exit);
                rest = rest[StreamBytes..];
            }
        }
        BinaryPrimitives.WriteUInt32LittleEndian(rest, Crc32C.Compute(bytes.AsSpan(0, bytes.Length - sizeof(uint))));
        return bytes;
    }

    /// <summary>Reads a manifest; null for what is none.</summary>
    public static Manifest? TryRead(ReadOnlySpan<byte> source)
    {
        if (source.Length < StartBytes + sizeof(uint) || !source[..Magic.Length].SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[^sizeof(uint)..]) != Crc32C.Compute(source[..^sizeof(uint)]))
            return null;
        int streams = BinaryPrimitives.ReadUInt16LittleEndian(source[10..]);
        long segments = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]);
        if (streams is 0 or > LogLimits.MaximumStreams
            || source.Length != StartBytes + (segments * (SegmentBytes + (streams * StreamBytes))) + sizeof(uint))
            return null;
        var manifest = new Manifest(new Guid(source.Slice(16, 16).ToArray()), streams) { IsComplete = source[32] == 1 };
        source = source[StartBytes..];
        for (long index = 0; index < segments; index++)
        {
            var starts = new StreamStart[streams];
            manifest.Segments.Add(new ClosedSegment(
                BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(source[16..]), starts));
            source = source[SegmentBytes..];
            for (int stream = 0; stream < streams; stream++, source = source[StreamBytes..])
                starts[stream] = new StreamStart(
                    BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(source[16..]), BinaryPrimitives.ReadUInt64LittleEndian(source[24..]));
        }
        return manifest.Segments.TrueForAll(static segment => segment.CanBe()) && manifest.IsInOrder() ? manifest : null;
    }

    // Each segment goes on where the one before ends.
    private bool IsInOrder()
    {
        for (int index = 0; index < Segments.Count; index++)
        {
            ClosedSegment segment = Segments[index];
            if (index == 0 ? segment.FirstSequence != 0 || !segment.Starts.SequenceEqual(SegmentFile.InitialStarts(streamCount))
                : segment.FirstSequence != Segments[index - 1].EndSequence)
                return false;
            for (int stream = 0; index > 0 && stream < streamCount; stream++)
            {
                StreamStart before = Segments[index - 1].Starts[stream];
                if (segment.Starts[stream].Offset < before.Offset || segment.Starts[stream].NextEvent < before.NextEvent)
                    return false;
            }
        }
        return true;
    }

    public sealed record ClosedSegment(long Length, long FirstSequence, long EndSequence, StreamStart[] Starts)
    {
        public bool CanBe() => Length > 0 && FirstSequence >= 0 && EndSequence > FirstSequence;
    }
}
