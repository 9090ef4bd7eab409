using Determinism.Log;

namespace Determinism.Tool.Information;

/// <summary>What is in a log, by the headers of its blocks: no more is read, but for the log's own header.</summary>
internal sealed class LogSummary
{
    private readonly ILogStorage _storage;
    private readonly LogKeys? _keys;

    private LogSummary(ILogStorage storage, LogKeys? keys)
    {
        _storage = storage;
        _keys = keys;
    }

    public SegmentStart Start { get; private set; }

    public bool IsComplete { get; private set; }

    /// <summary>Where the log begins since its oldest part was dropped; null: at its start.</summary>
    public LogBeginning? Beginning { get; private set; }

    /// <summary>What a log that is not complete ends with.</summary>
    public LogTail? Tail { get; private set; }

    /// <summary>Why there is no more to say; null if all of the log was read.</summary>
    public string? Damage { get; private set; }

    /// <summary>The log's header; null if it has none, or one that cannot be read without a key.</summary>
    public LogHeader? Header { get; private set; }

    public IReadOnlyList<string> Redactions { get; private set; } = [];

    /// <summary>The log that it goes on from; null if there is none.</summary>
    public ParentLog? Parent { get; private set; }

    public SortedDictionary<BlockKind, BlockTotal> Blocks { get; } = [];

    public List<SegmentTotal> Segments { get; } = [];

    /// <summary>By agent; null for a stream without events.</summary>
    public StreamTotal?[] Streams { get; private set; } = [];

    /// <exception cref="LogDamagedException">Nothing can be told of it.</exception>
    public static LogSummary Of(ILogStorage storage, LogKeys? keys)
    {
        var summary = new LogSummary(storage, keys);
        summary.Read();
        return summary;
    }

    private void Read()
    {
        int[] numbers = SegmentLayout.NumbersIn(_storage);
        if (numbers.Length == 0 || numbers[0] != 0)
            throw new LogDamagedException("This is not a log: it has no first segment.");
        SegmentLayout layout = FindLayout(numbers);
        Beginning = layout.Beginning;
        StreamStart[]? ends = null;
        for (int index = 0; index < layout.Count && Damage is null; index++)
        {
            int number = layout.NumberOf(index);
            if (Array.BinarySearch(numbers, number) < 0)
            {
                Damage = $"Segment {number} is missing: there are later ones.";
                return;
            }
            try
            {
                using SegmentFile file = SegmentFile.Open(_storage, number, layout.IsFirst(index) ? Beginning!.Starts : ends);
                Read(file, isLast: index == layout.Count - 1);
                ends = file.Ends.ToArray();
            }
            catch (LogDamagedException error) when (number > 0)
            {
                Damage = error.Message;
            }
        }
        if (!IsComplete && Damage is null && ManifestCheck.Read(_storage, new ProblemList()) is { IsComplete: true })
            Damage = "The log ends before its end: the manifest says that it is complete.";
        Tail = Damage is null ? Tail : null;
    }

    // Only of a log whose oldest part may have been dropped, contents tell.
    private SegmentLayout FindLayout(int[] numbers)
    {
        using SegmentFile first = SegmentFile.Open(_storage, 0, null);
        if (!first.Start.MayBeDropped)
            return new SegmentLayout(numbers[^1] + 1, null);
        using var coder = new ContentCoder(BlockCodec.None, first.Start.IsEncrypted ? _keys?.DeriveEncryptionKey(first.Start.Identity) : null);
        return SegmentLayout.Find(_storage, first.Start, coder);
    }

    private void Read(SegmentFile file, bool isLast)
    {
        int number = file.Start.Number;
        if (number == 0)
        {
            Start = file.Start;
            Streams = new StreamTotal?[Start.StreamCount];
        }
        int blocks = 0;
        bool hasTrailer = false;
        string? problem = file.Walk(withContents: false, (offset, header) =>
        {
            blocks++;
            hasTrailer |= header.Kind == BlockKind.Trailer;
            Add(header);
            ReadContent(file, offset, header);
        });
        Segments.Add(new SegmentTotal(number, file.Length, blocks, file.IsClosed));
        IsComplete = hasTrailer && file.IsClosed;
        bool isWhole = file.IsClosed && problem is null;
        if (!isWhole && (!isLast || file.IsClosed || (problem is not null && file.HasDurableBlockBeyond())))
            Damage = $"Segment {number}, offset {file.GoodEnd}: {problem ?? "The segment does not end."}";
        if (isLast && !IsComplete)
            Tail = new LogTail(number, file.GoodEnd, file.Length - file.GoodEnd, problem ?? "");
    }

    private void Add(in BlockHeader header)
    {
        Blocks.TryGetValue(header.Kind, out BlockTotal total);
        Blocks[header.Kind] = new BlockTotal(total.Count + 1, total.Stored + header.StoredLength, total.Plain + header.PlainLength);
        if (header.Kind != BlockKind.Events)
            return;
        ref StreamTotal? stream = ref Streams[header.Stream];
        stream = new StreamTotal(
            (stream?.Blocks ?? 0) + 1, (stream?.Events ?? 0) + (ulong)header.EventCount, (stream?.Bytes ?? 0) + header.EventBytes,
            stream?.FirstCount ?? header.Extent.FirstCount, header.Extent.LastCount,
            stream?.FirstExit ?? header.Extent.FirstExit, header.Extent.LastExit);
    }

    // The first of a kind counts.
    private void ReadContent(SegmentFile file, long offset, in BlockHeader header)
    {
        bool isHeader = header.Kind == BlockKind.Header && Header is null;
        bool isList = header.Kind == BlockKind.Redactions && Redactions.Count == 0;
        bool isParent = header.Kind == BlockKind.ParentLog && Parent is null;
        if ((!isHeader && !isList && !isParent) || (Start.IsEncrypted && _keys is not { CanDecrypt: true }))
            return;
        using var coder = new ContentCoder(BlockCodec.None, Start.IsEncrypted ? _keys!.DeriveEncryptionKey(Start.Identity) : null);
        ReadOnlyMemory<byte> content = file.ReadBlock(offset, coder, new BlockBuffer(), out _);
        if (isHeader)
            Header = LogHeader.FromBytes(content.Span);
        else if (isParent)
            Parent = ParentLog.FromBytes(content.Span, Start.StreamCount);
        else
            Redactions = Log.Redactions.Parse(content);
    }

    public readonly record struct BlockTotal(long Count, long Stored, long Plain);

    public sealed record SegmentTotal(int Number, long Bytes, int Blocks, bool IsClosed);

    public sealed record StreamTotal(
        int Blocks, ulong Events, long Bytes, ulong FirstCount, ulong LastCount, ulong FirstExit, ulong LastExit);
}
