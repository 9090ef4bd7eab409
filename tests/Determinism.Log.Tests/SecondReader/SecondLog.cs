using System.Globalization;

namespace Determinism.Log.Tests.SecondReader;

/// <summary>
/// A reader of logs written from docs/log-format.md and nothing else, to find out whether that page is enough. It reads
/// everything at once, checks everything that the page says, and shares nothing with the reader in the library.
/// </summary>
internal sealed class SecondLog
{
    private readonly List<Stand> _stands = [];
    private readonly List<State?> _states = [];
    private readonly byte[]? _encryption, _chain;
    private Keys? _keys;

    public int Streams { get; private set; }
    public byte[] Identity { get; private set; } = [];
    public bool Completed { get; private set; }
    public bool Torn { get; private set; }
    public List<Block> Blocks { get; } = [];
    public List<List<LogEvent>> Events { get; } = [];
    public List<IndexEntry[]> Indexes { get; } = [];
    public Manifest? Manifest { get; }

    /// <summary>Reads a folder: its files by name.</summary>
    public SecondLog(IReadOnlyDictionary<string, byte[]> files, byte[]? encryption = null, byte[]? chain = null)
    {
        (_encryption, _chain) = (encryption, chain);
        Manifest = files.TryGetValue("manifest", out byte[]? manifest) ? Manifest.Read(manifest) : null;
        Beginning = Beginning.FindLast(files, encryption);
        int[] numbers = [.. files.Keys.Where(static name => name.EndsWith(".detlog", StringComparison.Ordinal))
            .Select(static name => int.Parse(name[..6], CultureInfo.InvariantCulture)).Order()
            .Where(number => Beginning is null || number < Beginning.Base || number >= Beginning.First)];
        for (int index = 0; index < numbers.Length; index++)
        {
            int i = numbers[index];
            Require(index == (Beginning is null || i < Beginning.Base ? i : i - Beginning.First + Beginning.Base), "no number missing");
            if (i == Beginning?.First && index == Beginning.Base)
                Jump(files[Name(i)]);
            CheckListed(i, before: true, 0);
            byte[] segment = files[Name(i)];
            ReadSegment(i, segment, last: index == numbers.Length - 1);
            CheckListed(i, before: false, segment.Length);
        }
        Completed = Completing();
        Require(Manifest?.Completed != true || Completed, "a completed log has a trailer");
    }

    public Block? First(int kind) => Blocks.FirstOrDefault(block => block.Head.Kind == kind);

    public Beginning? Beginning { get; }

    private ulong NextSequence { get; set; }

    private static string Name(int number) => number.ToString("D6", CultureInfo.InvariantCulture) + ".detlog";

    // From the base to the first segment that is there behind it.
    private void Jump(byte[] segment)
    {
        var start = new Input(segment);
        start.Bytes(32);
        ulong sequence = start.UInt64();
        Require(sequence >= NextSequence, "a sequence that grows");
        NextSequence = sequence;
        _keys!.GoOnFrom(Beginning!.Link);
        for (int i = 0; i < Streams; i++)
            (_stands[i], _states[i]) = (Beginning.Streams[i], null);
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new NotALogException(what);
    }

    private void ReadSegment(int number, ReadOnlyMemory<byte> bytes, bool last)
    {
        if (last && bytes.Length < 64)
        {
            Torn = bytes.Length > 0;
            return;
        }
        bool chained = ReadStart(number, bytes[..64]);
        int at = 64, first = Blocks.Count;
        while (at < bytes.Length || (Blocks.Count > first && Blocks[^1].Head.Kind == 10))
        {
            if (Blocks.Count > first && Blocks[^1].Head.Kind == 10)
            {
                CheckEnd(bytes[at..], Blocks[^1], first, last);
                return;
            }
            int next = ReadBlock(number, bytes, at, chained);
            if (next < 0)
            {
                Require(last && !LaterOneSaysDurable(bytes[at..], chained), $"damage in segment {number} at {at}");
                Torn = true;
                return;
            }
            at = next;
        }
        Require(last, $"segment {number} is not closed");
    }

    private bool ReadStart(int number, ReadOnlyMemory<byte> bytes)
    {
        var start = new Input(bytes);
        Require(start.Bytes(8).AsSpan().SequenceEqual("DETLOG\r\n"u8), "not a segment");
        Require(Crc.Of(bytes.Span[..60]) == new Input(bytes[60..]).UInt32(), "the checksum of a segment's start");
        Require(start.UInt16() is 1 or 2, "another version");
        int streams = start.UInt16();
        Require(start.UInt32() == number, "another segment's number");
        byte[] identity = start.Bytes(16);
        Require(start.UInt64() == NextSequence, "the sequence of a segment's first block");
        byte flags = start.Byte();
        if (number == 0)
        {
            (Streams, Identity) = (streams, identity);
            _keys = new Keys(_encryption, _chain, identity);
            for (int i = 0; i < streams; i++)
            {
                _stands.Add(new Stand(1, 0, 0, 0));
                _states.Add(new State(streams));
                Events.Add([]);
            }
        }
        Require(streams == Streams && identity.AsSpan().SequenceEqual(Identity), "a segment of another log");
        _keys!.Link((flags & 1) != 0 ? bytes.Span : []);
        return (flags & 1) != 0;
    }

    /// <summary>Where the next block begins; -1 where there is no whole block that goes on here.</summary>
    private int ReadBlock(int segment, ReadOnlyMemory<byte> bytes, int at, bool chained)
    {
        Head? head = Head.TryRead(bytes[at..]);
        long end = at + (long)Head.Size + (head?.Stored ?? 0) + (chained ? 32 : 0), padded = (end + 7) & ~7L;
        if (head is null || padded > bytes.Length || head.Sequence != NextSequence)
            return -1;
        ReadOnlySpan<byte> headBytes = bytes.Span.Slice(at, Head.Size);
        ReadOnlySpan<byte> stored = bytes.Span.Slice(at + Head.Size, head.Stored);
        if (Crc.Of(stored) != head.Crc || (head.Kind == 2 && !GoesOn(head)))
            return -1;
        if (chained && _keys!.Link([.. headBytes, .. stored]) is { } link)
            Require(link.AsSpan().SequenceEqual(bytes.Span.Slice(at + Head.Size + head.Stored, 32)), "the chain");
        byte[] content = head.Encrypted ? _keys!.Decrypt(headBytes, head, stored) : stored.ToArray();
        content = head.Compression == 0 ? content : Lz4.Decode(content, head.Plain);
        Require(content.Length == head.Plain && head.Compression <= 1, "the length of a plain content");
        var block = new Block(segment, at, head, content);
        Blocks.Add(block);
        NextSequence++;
        if (head.Kind == 2)
            ReadEvents(block);
        else
            Require(bytes.Span.Slice(at + 28, 56).IndexOfAnyExcept((byte)0) < 0, "bytes 28 to 83 of other blocks");
        Require(bytes.Span[(int)end..(int)padded].IndexOfAnyExcept((byte)0) < 0, "the padding");
        return (int)padded;
    }

    private bool GoesOn(Head head) => head.Stream < Streams
        && head.FirstEvent == _stands[head.Stream].NextEvent && head.BytesBefore == _stands[head.Stream].Bytes;

    private void ReadEvents(Block block)
    {
        Head head = block.Head;
        Stand stand = _stands[head.Stream];
        var input = new Input(block.Plain);
        if (head.Opaque)
        {
            _states[head.Stream] = null;
            _stands[head.Stream] = stand with { Bytes = stand.Bytes + (ulong)head.Plain };
            return;
        }
        State state = State.Read(input, Streams);
        Require(input.At == head.State, "the length of a state");
        Require(_states[head.Stream]?.IsAs(state) != false, "a state that is not what decoding gives");
        for (uint i = 0; i < head.Events; i++)
        {
            Events[head.Stream].Add(state.Next(input));
            Require(i > 0 || (state.Count, state.Exit) == (head.Count, head.Exit), "the place of the first event");
        }
        Require(input.Left == 0, "a block of whole events");
        Require((state.Count, state.Exit) == (head.LastCount, head.LastExit), "the place after the last event");
        _states[head.Stream] = state;
        _stands[head.Stream] = new Stand(
            head.FirstEvent + head.Events, head.BytesBefore + (ulong)block.EventBytes, state.Count, state.Exit);
    }

    private bool LaterOneSaysDurable(ReadOnlyMemory<byte> rest, bool chained)
    {
        long first = Head.TryRead(rest) is { } missing && missing.Sequence == NextSequence
            ? (Head.Size + (long)missing.Stored + (chained ? 32 : 0) + 7) & ~7L : 0;
        for (long at = first; at < rest.Length; at += 8)
        {
            if (Head.TryRead(rest[(int)at..]) is { } head && head.Sequence > NextSequence && head.DurableBefore > NextSequence
                && head.Sequence - NextSequence <= (ulong)at / Head.Size)
                return true;
        }
        return false;
    }

    private void CheckEnd(ReadOnlyMemory<byte> bytes, Block index, int first, bool last)
    {
        var end = new Input(bytes);
        if (last && bytes.Length < 32)
        {
            Torn = Blocks.Remove(index);
            NextSequence--;
            return;
        }
        Require(bytes.Length == 32 && Crc.Of(bytes.Span[..28]) == new Input(bytes[28..]).UInt32(), "a segment's end");
        Require(end.UInt64() == (ulong)index.At && end.UInt64() == index.Head.Sequence + 1, "what a segment's end says");
        Require(end.Bytes(8).AsSpan().SequenceEqual("DETLOGIX"u8), "the mark of a segment's end");
        var at = new Input(index.Plain);
        Block[] blocks = [.. Blocks.Skip(first).SkipLast(1)];
        Require(at.Left == 48 * blocks.Length, "an index of all blocks");
        foreach (Block block in blocks)
        {
            (ulong where, byte kind, byte stream) = (at.UInt64(), at.Byte(), at.Byte());
            at.UInt16();
            var entry = new IndexEntry(
                where, kind, stream, at.UInt32(), at.UInt64(), at.UInt64(), at.UInt64(), at.UInt64());
            Head head = block.Head;
            Require(entry == new IndexEntry((ulong)block.At, head.Kind, head.Stream, (uint)block.EventBytes,
                head.FirstEvent, head.BytesBefore, head.Count, head.Exit), "an index that says what the blocks say");
        }
    }

    private void CheckListed(int number, bool before, int length)
    {
        int index = Manifest?.IndexOf(number) ?? -1;
        if (index < 0 || index >= Manifest!.Segments.Length)
            return;
        ListedSegment listed = Manifest.Segments[index];
        Require(before ? listed.First == NextSequence : listed.After == NextSequence && (int)listed.Length == length,
            "the manifest's sequences and lengths");
        for (int i = 0; before && i < Streams; i++)
        {
            Require(number == 0 || listed.Streams[i] == _stands[i], "where the manifest says that a stream stands");
        }
    }

    private bool Completing()
    {
        if (Blocks.Count < 2 || Blocks[^1].Head.Kind != 10 || Blocks[^2].Head.Kind != 9 || Torn)
            return false;
        var at = new Input(Blocks[^2].Plain);
        Require(at.Left == 16 * Streams, "the length of a trailer");
        foreach (Stand stand in _stands)
            Require(at.UInt64() == stand.NextEvent - 1 && at.UInt64() == stand.Bytes, "what a trailer says");
        return true;
    }
}
