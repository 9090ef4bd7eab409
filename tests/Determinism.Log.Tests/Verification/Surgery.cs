using System.Buffers.Binary;

namespace Determinism.Log.Tests.Verification;

/// <summary>Takes a log apart into blocks and puts it together again as somebody would who knows the format but no secret:
/// numbers, checksums, indexes, trailer and manifest are right. For logs that are not encrypted.</summary>
internal sealed class Surgery
{
    private readonly bool _isChained;
    private readonly List<byte[]> _starts = [];

    public Surgery(MemoryStorage log)
    {
        for (int number = 0; log.Files.TryGetValue(SegmentWriter.NameOf(number), out byte[]? file); number++)
        {
            _starts.Add(file[..SegmentStart.Size]);
            SegmentStart start = SegmentStart.Read(file);
            _isChained = start.IsChained;
            for (int at = SegmentStart.Size; BlockHeader.TryRead(file.AsSpan(at), out BlockHeader header);
                at += (int)header.Reach(_isChained))
            {
                if (header.Kind is BlockKind.Index)
                    break;
                Blocks.Add(new Part(number, header, file[at..(int)(at + header.Reach(_isChained))]));
            }
        }
    }

    public List<Part> Blocks { get; } = [];

    public int IndexOf(Func<Part, bool> isWanted) => Blocks.FindIndex(part => isWanted(part));

    public MemoryStorage PutTogether(bool fixTrailer = true)
    {
        var result = new MemoryStorage();
        StreamStart[] ends = SegmentFile.InitialStarts(SegmentStart.Read(_starts[0]).StreamCount);
        var manifest = new Manifest(SegmentStart.Read(_starts[0]).Identity, ends.Length) { IsComplete = true };
        long sequence = 0;
        for (int number = 0; number < _starts.Count; number++)
        {
            var file = new List<byte>();
            var index = new List<IndexEntry>();
            var first = SegmentStart.Read(_starts[number]) with { Number = number, FirstSequence = sequence };
            long firstSequence = sequence;
            StreamStart[] starts = [.. ends];
            var start = new byte[SegmentStart.Size];
            first.WriteTo(start);
            file.AddRange(start);
            foreach (Part part in Blocks.Where(part => part.Segment == number))
            {
                if (part.Header.Kind == BlockKind.Trailer && fixTrailer)
                    FixTrailer(part, ends);
                Seal(part, sequence++);
                index.Add(IndexEntry.Of(file.Count, part.Header));
                file.AddRange(part.Bytes);
                if (part.Header.Kind == BlockKind.Events && part.Header.Stream < ends.Length)
                    ends[part.Header.Stream] = new StreamStart(part.Header.Extent.FirstEvent + (ulong)part.Header.EventCount,
                        part.Header.Extent.StreamOffset + part.Header.EventBytes, part.Header.Extent.LastCount, part.Header.Extent.LastExit);
            }
            long indexOffset = file.Count;
            var content = new byte[index.Count * IndexEntry.Size];
            for (int entry = 0; entry < index.Count; entry++)
                index[entry].WriteTo(content.AsSpan(entry * IndexEntry.Size));
            var header = new BlockHeader
            {
                Kind = BlockKind.Index, PlainLength = content.Length, StoredLength = content.Length,
                DurableBefore = Blocks.Last(part => part.Segment == number).Header.DurableBefore,
            };
            var bytes = new byte[header.Reach(_isChained)];
            content.CopyTo(bytes, BlockHeader.Size);
            var last = new Part(number, header, bytes);
            Seal(last, sequence++);
            file.AddRange(last.Bytes);
            var end = new byte[SegmentEnd.Size];
            new SegmentEnd(indexOffset, sequence).WriteTo(end);
            file.AddRange(end);
            result.Files.Add(SegmentWriter.NameOf(number), [.. file]);
            manifest.Segments.Add(new Manifest.ClosedSegment(file.Count, firstSequence, sequence, starts));
        }
        result.Files.Add(Manifest.Name, manifest.ToBytes());
        return result;
    }

    private static void FixTrailer(Part part, StreamStart[] ends)
    {
        for (int stream = 0; stream < ends.Length; stream++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(part.Content[(stream * 16)..], ends[stream].NextEvent - 1);
            BinaryPrimitives.WriteInt64LittleEndian(part.Content[((stream * 16) + 8)..], ends[stream].Offset);
        }
    }

    private static void Seal(Part part, long sequence)
    {
        part.Header = part.Header with
        {
            Sequence = sequence, DurableBefore = Math.Min(part.Header.DurableBefore, sequence), ContentChecksum = Crc32C.Compute(part.Content),
        };
        part.Header.WriteTo(part.Bytes);
        part.Header.Seal(part.Bytes);
    }

    /// <summary>A block as it stands in the file.</summary>
    internal sealed class Part(int segment, BlockHeader header, byte[] bytes)
    {
        public int Segment { get; set; } = segment;

        public BlockHeader Header { get; set; } = header;

        public byte[] Bytes { get; } = bytes;

        public Span<byte> Content => Bytes.AsSpan(BlockHeader.Size, Header.StoredLength);

        public bool IsEvents(int stream) => Header.Kind == BlockKind.Events && Header.Stream == stream;
    }
}
