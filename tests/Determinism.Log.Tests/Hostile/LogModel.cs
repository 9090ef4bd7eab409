using System.Buffers.Binary;
using System.Globalization;
using Determinism.Log.Tests.SecondReader;

namespace Determinism.Log.Tests.Hostile;

/// <summary>A block, to change: its header's bytes, and what is stored after it.</summary>
internal sealed class ModelBlock(byte[] header, byte[] stored, byte[] link)
{
    public byte[] Header { get; } = header;

    public byte[] Stored { get; set; } = stored;

    public byte[] Link { get; } = link;

    public byte Kind => Header[4];

    /// <summary>Whether what is stored is the content itself.</summary>
    public bool IsPlain => Header[6] == 0 && (Header[7] & 1) == 0;

    public int StateBytes => BinaryPrimitives.ReadInt32LittleEndian(Header.AsSpan(80));

    public ModelBlock Copy() => new([.. Header], [.. Stored], [.. Link]);

    /// <summary>Takes another content and says its length.</summary>
    public void Store(byte[] content)
    {
        Stored = content;
        BinaryPrimitives.WriteInt32LittleEndian(Header, content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(Header.AsSpan(24), content.Length);
    }
}

/// <summary>A segment, to change: its start, its blocks, and its end, if it is closed.</summary>
internal sealed class ModelSegment(byte[] start, List<ModelBlock> blocks, byte[] end)
{
    public byte[] Start { get; } = start;

    public List<ModelBlock> Blocks { get; } = blocks;

    public byte[] End { get; } = end;

    public ModelSegment Copy() => new([.. Start], [.. Blocks.Select(static block => block.Copy())], [.. End]);
}

/// <summary>What is made right again after a change, beside the checksums.</summary>
[Flags]
internal enum Repairs
{
    None = 0,
    Sequences = 1,
    Streams = 2,
    Indexes = 4,
    Manifest = 8,
    All = 15,
}

/// <summary>A log taken apart, to be changed and put together again with right checksums.</summary>
internal sealed class LogModel(List<ModelSegment> segments, byte[] manifest)
{
    public List<ModelSegment> Segments { get; } = segments;

    public byte[] Manifest { get; set; } = manifest;

    public static LogModel Parse(IReadOnlyDictionary<string, byte[]> files, SecondLog log)
    {
        var segments = new List<ModelSegment>();
        foreach ((string name, byte[] bytes) in files)
        {
            if (!name.EndsWith(".detlog", StringComparison.Ordinal))
                continue;
            int number = segments.Count;
            int link = (bytes[40] & 1) != 0 ? 32 : 0;
            List<ModelBlock> blocks = [.. log.Blocks.Where(block => block.Segment == number).Select(block =>
            {
                int at = block.At + Head.Size;
                return new ModelBlock(bytes[block.At..at], bytes[at..(at + block.Head.Stored)],
                    bytes[(at + block.Head.Stored)..(at + block.Head.Stored + link)]);
            })];
            segments.Add(new ModelSegment(bytes[..64], blocks, blocks.Count > 0 && blocks[^1].Kind == 10 ? bytes[^32..] : []));
        }
        return new LogModel(segments, files.TryGetValue("manifest", out byte[]? manifest) ? manifest : []);
    }

    public LogModel Copy() => new([.. Segments.Select(static segment => segment.Copy())], [.. Manifest]);

    /// <summary>Puts it together: all checksums are right.</summary>
    public SortedDictionary<string, byte[]> ToFiles(Repairs repairs)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var stands = new Dictionary<byte, (long Events, long Bytes)>();
        long sequence = 0;
        for (int number = 0; number < Segments.Count; number++)
        {
            ModelSegment segment = Segments[number];
            long first = sequence;
            if (repairs.HasFlag(Repairs.Sequences))
                BinaryPrimitives.WriteInt64LittleEndian(segment.Start.AsSpan(32), sequence);
            if (repairs.HasFlag(Repairs.Manifest))
                SetManifest(number, stands);
            Seal(segment.Start);
            var bytes = new List<byte>(segment.Start);
            var index = new List<byte>();
            foreach (ModelBlock block in segment.Blocks)
            {
                if (repairs.HasFlag(Repairs.Sequences))
                    BinaryPrimitives.WriteInt64LittleEndian(block.Header.AsSpan(8), sequence);
                sequence++;
                if (block.Kind == 2)
                    Continue(block.Header, stands, repairs.HasFlag(Repairs.Streams));
                if (block.Kind == 10 && repairs.HasFlag(Repairs.Indexes) && block.IsPlain)
                    block.Store([.. index]);
                AddToIndex(index, bytes.Count, block.Header);
                if (block.Kind == 10 && segment.End.Length > 0 && repairs.HasFlag(Repairs.Indexes))
                {
                    BinaryPrimitives.WriteInt64LittleEndian(segment.End, bytes.Count);
                    BinaryPrimitives.WriteInt64LittleEndian(segment.End.AsSpan(8), sequence);
                }
                BinaryPrimitives.WriteUInt32LittleEndian(block.Header.AsSpan(88), Crc.Of(block.Stored));
                Seal(block.Header);
                bytes.AddRange([.. block.Header, .. block.Stored, .. block.Link]);
                bytes.AddRange(new byte[-bytes.Count & 7]);
            }
            Seal(segment.End);
            bytes.AddRange(segment.End);
            files.Add(number.ToString("D6", CultureInfo.InvariantCulture) + ".detlog", [.. bytes]);
            if (repairs.HasFlag(Repairs.Manifest) && ManifestAt(number) is var at and > 0)
            {
                BinaryPrimitives.WriteInt64LittleEndian(Manifest.AsSpan(at), bytes.Count);
                BinaryPrimitives.WriteInt64LittleEndian(Manifest.AsSpan(at + 8), first);
                BinaryPrimitives.WriteInt64LittleEndian(Manifest.AsSpan(at + 16), sequence);
            }
        }
        Seal(Manifest);
        if (Manifest.Length > 0)
            files.Add("manifest", Manifest);
        return files;
    }

    private static void Seal(byte[] bytes)
    {
        if (bytes.Length > 4)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), Crc.Of(bytes.AsSpan(..^4)));
    }

    private static void Continue(byte[] header, Dictionary<byte, (long Events, long Bytes)> stands, bool isRepaired)
    {
        (long events, long before) = stands.GetValueOrDefault(header[5]);
        if (isRepaired)
        {
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), events + 1);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), before);
        }
        stands[header[5]] = (events + BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(28)),
            before + BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(24))
                - BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(80)));
    }

    private static void AddToIndex(List<byte> index, int at, byte[] header)
    {
        int events = header[4] != 2 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(24))
            - BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(80));
        index.AddRange([.. BitConverter.GetBytes((long)at), header[4], header[5], 0, 0, .. BitConverter.GetBytes(events),
            .. header.AsSpan(32, 32)]);
    }

    // Where the manifest has a segment; 0 if it does not list it.
    private int ManifestAt(int number)
    {
        if (Manifest.Length < 44)
            return 0;
        int size = 24 + (32 * BinaryPrimitives.ReadUInt16LittleEndian(Manifest.AsSpan(10)));
        int at = 40 + (number * size);
        return at + size + 4 <= Manifest.Length ? at : 0;
    }

    private void SetManifest(int number, Dictionary<byte, (long Events, long Bytes)> stands)
    {
        if (ManifestAt(number) is not (var at and > 0))
            return;
        int streams = BinaryPrimitives.ReadUInt16LittleEndian(Manifest.AsSpan(10));
        for (byte stream = 0; stream < streams; stream++)
        {
            (long events, long bytes) = stands.GetValueOrDefault(stream);
            BinaryPrimitives.WriteInt64LittleEndian(Manifest.AsSpan(at + 24 + (32 * stream)), events + 1);
            BinaryPrimitives.WriteInt64LittleEndian(Manifest.AsSpan(at + 32 + (32 * stream)), bytes);
        }
    }
}
