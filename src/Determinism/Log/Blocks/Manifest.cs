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

    private static ReadOnlySpan<byte> Magic => "DETLOGMF"u8;

    /// <summary>More is no manifest of any log.</summary>
    public const int MaximumBytes = 256 << 20;

    public Guid Identity => identity;

    public int StreamCount => streamCount;

    /// <summary>Whether the last segment is the log's last.</summary>
    public bool IsComplete { get; set; }

    /// <summary>The log's first segments, which hold what the machine starts from; 0 unless some were dropped behind
    /// them.</summary>
    public int BaseCount { get; private set; }

    /// <summary>Number of the first segment that is kept behind those; 0 if none was dropped.</summary>
    public int First { get; private set; }

    /// <summary>The closed segments that are kept, in their order.</summary>
    public List<ClosedSegment> Segments { get; } = [];

    /// <summary>Number of the segment behind those that are listed.</summary>
    public int NextNumber => NumberOf(Segments.Count);

    /// <summary>Number of the segment at an index of the list.</summary>
    public int NumberOf(int index) => index < BaseCount ? index : First + (index - BaseCount);

    /// <summary>Index in the list of the segment of a number.</summary>
    public int IndexOf(int number) => number < BaseCount ? number : number - First + BaseCount;

    /// <summary>Takes the segments between the base and another out of the list.</summary>
    /// <param name="baseCount">Number of segments of the base; the same each time.</param>
    /// <param name="first">Number of the first one kept behind it.</param>
    public void Drop(int baseCount, int first)
    {
        int before = BaseCount == 0 ? baseCount : First;
        Segments.RemoveRange(baseCount, first - before);
        (BaseCount, First) = (baseCount, first);
    }

    /// <summary>Its bytes.</summary>
    public int Size => StartBytes + (Segments.Count * (SegmentBytes + (streamCount * StreamStart.Bytes))) + sizeof(uint);

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Span<byte> rest = bytes;
        Magic.CopyTo(rest);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[8..], (ushort)(BaseCount == 0 ? LogHeader.CurrentVersion : LogHeader.NewestVersion));
        BinaryPrimitives.WriteUInt16LittleEndian(rest[10..], (ushort)streamCount);
        BinaryPrimitives.WriteInt32LittleEndian(rest[12..], Segments.Count);
        identity.ToByteArray().CopyTo(rest[16..]);
        rest[32] = IsComplete ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(rest[34..], (ushort)BaseCount);
        BinaryPrimitives.WriteInt32LittleEndian(rest[36..], First);
        rest = rest[StartBytes..];
        foreach (ClosedSegment segment in Segments)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, segment.Length);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], segment.FirstSequence);
            BinaryPrimitives.WriteInt64LittleEndian(rest[16..], segment.EndSequence);
            rest = rest[SegmentBytes..];
            foreach (StreamStart start in segment.Starts)
            {
                start.WriteTo(rest);
                rest = rest[StreamStart.Bytes..];
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
            || source.Length != StartBytes + (segments * (SegmentBytes + (streams * StreamStart.Bytes))) + sizeof(uint))
            return null;
        var manifest = new Manifest(new Guid(source.Slice(16, 16).ToArray()), streams) { IsComplete = source[32] == 1 };
        // Of version 1 these bytes are nothing.
        if (BinaryPrimitives.ReadUInt16LittleEndian(source[8..]) > LogHeader.CurrentVersion)
            (manifest.BaseCount, manifest.First) = (BinaryPrimitives.ReadUInt16LittleEndian(source[34..]), BinaryPrimitives.ReadInt32LittleEndian(source[36..]));
        if (manifest.First < manifest.BaseCount || manifest.BaseCount > segments)
            return null;
        source = source[StartBytes..];
        for (long index = 0; index < segments; index++)
        {
            var starts = new StreamStart[streams];
            manifest.Segments.Add(new ClosedSegment(
                BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(source[16..]), starts));
            source = source[SegmentBytes..];
            for (int stream = 0; stream < streams; stream++, source = source[StreamStart.Bytes..])
                starts[stream] = StreamStart.Read(source);
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
                : segment.FirstSequence != Segments[index - 1].EndSequence && !IsBehindGap(index))
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

    private bool IsBehindGap(int index) => index == BaseCount && First > BaseCount
        && Segments[index].FirstSequence > Segments[index - 1].EndSequence;

    public sealed record ClosedSegment(long Length, long FirstSequence, long EndSequence, StreamStart[] Starts)
    {
        public bool CanBe() => Length > 0 && FirstSequence >= 0 && EndSequence > FirstSequence;
    }
}
