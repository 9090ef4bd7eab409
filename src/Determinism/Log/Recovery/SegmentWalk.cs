using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>The way through one segment of a log that is verified.</summary>
internal sealed class SegmentWalk(LogWalk log, ILogFile file, int number, StreamCheck[] streams, ChainCheck? chain,
    ProblemList problems, bool mayBreakOff)
{
    private readonly List<IndexEntry> _entries = [];
    private readonly BlockBuffer _buffer = new();
    private readonly byte[] _header = new byte[BlockHeader.Size];
    private readonly byte[] _tail = new byte[BlockChain.LinkBytes + BlockHeader.Alignment];
    private readonly long _length = file.Length;
    private long _durableBefore;

    /// <summary>Where the next block begins.</summary>
    public long Offset { get; private set; } = SegmentStart.Size;

    /// <summary>Number of the next block.</summary>
    public long Sequence { get; set; }

    /// <summary>Whether the segment says that it ends here.</summary>
    public bool IsClosed { get; private set; }

    public bool HasTrailer { get; private set; }

    /// <summary>Whether all blocks so far could be read.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Where the log breaks off, if it does so in this segment.</summary>
    public LogTail? Tail { get; private set; }

    /// <summary>Goes on by a block, or over damage.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryStep()
    {
        if (IsClosed || Tail is not null)
            return false;
        if (Offset >= _length)
        {
            if (mayBreakOff)
                Tail = new LogTail(number, Offset, 0, "");
            return false;
        }
        if (BlockSearch.ReadUpTo(file, Offset, _header) != _header.Length || !BlockHeader.TryRead(_header, out BlockHeader header))
            return SkipUnreadable("A block's header is damaged.");
        if (header.Sequence != Sequence)
        {
            if (BreaksOff($"Block {Sequence} is missing."))
                return false;
            Damage(header.Sequence > Sequence
                ? $"Blocks {Sequence} to {header.Sequence - 1} are missing: block {header.Sequence} is here."
                : $"Block {header.Sequence} is here, where block {Sequence} should be.");
            LoseStreams();
            Sequence = header.Sequence;
        }
        long next = Offset + header.Reach(log.IsChained);
        if (next > _length)
            return SkipUnreadable("A block is cut off.");
        if (header.Stream >= streams.Length)
            return SkipUnreadable("A block names a stream that is not there.");
        return TryPass(header, next);
    }

    private bool TryPass(in BlockHeader header, long next)
    {
        ReadOnlyMemory<byte> stored = ReadStored(header);
        bool isSound = Crc32C.Compute(stored.Span) == header.ContentChecksum;
        if (!isSound && BreaksOff("A block's content is damaged."))
            return false;
        bool goesOn = header.Kind != BlockKind.Events || streams[header.Stream].GoesOn(header);
        if (!goesOn && BreaksOff("A block does not go on where its stream stands."))
            return false;
        string end = "";
        if (header.Kind == BlockKind.Index && (end = CheckEnd(next)).Length > 0 && BreaksOff(end))
            return false;

        if (header.Kind == BlockKind.Events)
            streams[header.Stream].See(header);
        LogProblem here = Describe(header);
        Span<byte> tail = _tail.AsSpan(0, (int)(next - Offset - BlockHeader.Size - stored.Length));
        BlockSearch.ReadUpTo(file, Offset + BlockHeader.Size + stored.Length, tail);
        int linkLength = log.IsChained ? BlockChain.LinkBytes : 0;
        chain?.PassBlock(_header, stored.Span, tail[..linkLength], here);
        if (tail[linkLength..].ToArray().Any(static one => one != 0))
            problems.Add(here with { Message = "The bytes after the block are not zeros." });
        if (!goesOn)
            Damage(here, "The block does not go on where its stream stands.");
        if (isSound)
            Look(header, stored, here);
        else
        {
            Damage(here, "The block's content is damaged.");
            IsWhole = false;
            if (header.Kind == BlockKind.Events)
                streams[header.Stream].Lose();
        }
        _entries.Add(IndexEntry.Of(Offset, header));
        Offset = next;
        Sequence++;
        if (header.Kind == BlockKind.Index)
        {
            IsClosed = true;
            Offset = Math.Min(next + SegmentEnd.Size, _length);
            if (end.Length > 0)
                problems.Add(new LogProblem { Segment = number, Offset = next, Message = end });
            else if (Offset < _length)
                problems.Add(new LogProblem { Segment = number, Offset = Offset, Message = "There is something after the segment's end." });
        }
        return true;
    }

    private ReadOnlyMemory<byte> ReadStored(in BlockHeader header)
    {
        Memory<byte> stored = _buffer.Stored(header.StoredLength);
        return stored[..BlockSearch.ReadUpTo(file, Offset + BlockHeader.Size, stored.Span)];
    }

    // What is checked of a block whose bytes are those that were written.
    private void Look(in BlockHeader header, ReadOnlyMemory<byte> stored, LogProblem here)
    {
        if (header.DurableBefore < _durableBefore || header.DurableBefore > header.Sequence)
            Damage(here, "The block says that blocks were durable that cannot have been.");
        _durableBefore = header.DurableBefore;
        if (HasTrailer && header.Kind != BlockKind.Index)
            Damage(here, "The block comes after the log's last one.");
        if (header.Kind != BlockKind.Events
            && (header.EventCount != 0 || header.Extent != default || header.StateLength != 0 || header.Stream != 0))
            Damage(here, "The block is not of events, and says that it has some.");
        HasTrailer |= header.Kind == BlockKind.Trailer;

        if (((header.Flags & BlockFlags.Encrypted) != 0) != log.IsEncrypted)
        {
            Damage(here, log.IsEncrypted ? "The block is in the clear, in a log that is encrypted."
                : "The block is encrypted, in a log in the clear.");
            if (header.Kind == BlockKind.Events)
                streams[header.Stream].Lose();
            return;
        }
        if (!log.AreContentsChecked)
        {
            if (header.Kind == BlockKind.Events)
                streams[header.Stream].PassUnseen(header);
            return;
        }
        try
        {
            LookInto(header, log.Decode(header, stored, Offset, _buffer).Span, here);
        }
        catch (LogDamagedException error)
        {
            Damage(here, error.Message);
            if (header.Kind == BlockKind.Events)
                streams[header.Stream].Lose();
        }
    }

    private void LookInto(in BlockHeader header, ReadOnlySpan<byte> content, LogProblem here)
    {
        switch (header.Kind)
        {
            case BlockKind.Events:
                streams[header.Stream].Pass(header, content, here);
                break;
            case BlockKind.Header:
                if (LogHeader.FromBytes(content).Shape.AgentCount != streams.Length)
                    problems.Add(here with { Message = "The header has another number of agents than the log has streams." });
                break;
            case BlockKind.Index:
                CheckIndex(content, here);
                break;
            case BlockKind.Trailer:
                CheckTrailer(content, here);
                break;
            case BlockKind.Checkpoint:
                log.Checkpoints.Pass(content);
                break;
            case BlockKind.ParentLog:
                ParentLog.FromBytes(content, streams.Length);
                break;
            case BlockKind.LogEnd:
                CheckEnd(LogEnd.FromBytes(content, streams.Length), here);
                break;
            case BlockKind.FinalState:
                if (content.Length != sizeof(ulong))
                    problems.Add(here with { Message = "The digest of the final state has not eight bytes." });
                break;
        }
    }

    private void CheckEnd(Checkpoints.Cut end, LogProblem here)
    {
        for (int stream = 0; stream < streams.Length; stream++)
        {
            if (streams[stream].Position is { } position && !streams[stream].IsOpaque && end.Positions[stream].Events != position.NextEvent - 1)
                problems.Add(here with { Message = $"The recording was detached after {end.Positions[stream].Events} events of agent "
                    + $"{stream}; before this block there are {position.NextEvent - 1}." });
        }
    }

    private void CheckIndex(ReadOnlySpan<byte> content, LogProblem here)
    {
        if (!IsWhole)
            return;
        bool isSame = content.Length == _entries.Count * IndexEntry.Size;
        for (int entry = 0; isSame && entry < _entries.Count; entry++)
            isSame = IndexEntry.Read(content[(entry * IndexEntry.Size)..]) == _entries[entry];
        if (!isSame)
            problems.Add(here with { Message = "The index does not say what the blocks before it do." });
    }

    private void CheckTrailer(ReadOnlySpan<byte> content, LogProblem here)
    {
        const int StreamBytes = 2 * sizeof(ulong);
        if (content.Length != streams.Length * StreamBytes)
        {
            problems.Add(here with { Message = "The trailer is of another number of streams." });
            return;
        }
        for (int stream = 0; stream < streams.Length; stream++, content = content[StreamBytes..])
        {
            ulong events = BinaryPrimitives.ReadUInt64LittleEndian(content);
            long bytes = BinaryPrimitives.ReadInt64LittleEndian(content[sizeof(ulong)..]);
            if (streams[stream].Position is { } end && (events != end.NextEvent - 1 || bytes != end.Offset))
                problems.Add(here with
                {
                    Stream = stream,
                    Message = $"The trailer has {events} events in {bytes} bytes of the stream; there are {end.NextEvent - 1} in {end.Offset}.",
                });
        }
    }

    private string CheckEnd(long at)
    {
        Span<byte> bytes = stackalloc byte[SegmentEnd.Size];
        if (BlockSearch.ReadUpTo(file, at, bytes) != SegmentEnd.Size)
            return "The segment's end is cut off.";
        if (!SegmentEnd.TryRead(bytes, out SegmentEnd end) || end.IndexOffset != Offset || end.EndSequence != Sequence + 1)
            return "The segment's end is damaged.";
        return "";
    }

    // Where a log may break off, and no later block says that this one was durable, it does.
    private bool BreaksOff(string reason)
    {
        if (!mayBreakOff || BlockSearch.HasDurableBeyond(file, Offset, Sequence, log.IsChained))
            return false;
        Tail = new LogTail(number, Offset, _length - Offset, reason);
        return true;
    }

    // Goes on with the next block that can be told to be one, if there is any.
    private bool SkipUnreadable(string reason)
    {
        if (BreaksOff(reason))
            return false;
        long found = BlockSearch.Find(file, Offset + BlockHeader.Alignment, (_, header) => header.Sequence > Sequence);
        Damage(reason);
        LoseStreams();
        chain?.PassDamage();
        IsWhole = false;
        Offset = found < 0 ? _length : found;
        Span<byte> bytes = stackalloc byte[BlockHeader.Size];
        if (found >= 0 && BlockSearch.ReadUpTo(file, found, bytes) == bytes.Length && BlockHeader.TryRead(bytes, out BlockHeader next))
        {
            Sequence = next.Sequence;
            return true;
        }
        // Nothing but the end may be left of the segment.
        if (BlockSearch.ReadUpTo(file, _length - SegmentEnd.Size, bytes) == SegmentEnd.Size
            && SegmentEnd.TryRead(bytes, out SegmentEnd end) && end.EndSequence > Sequence)
        {
            Sequence = end.EndSequence;
            IsClosed = true;
        }
        return true;
    }

    private void LoseStreams()
    {
        foreach (StreamCheck stream in streams)
            stream.Lose();
    }

    private LogProblem Describe(in BlockHeader header) => new()
    {
        Segment = number,
        Offset = Offset,
        Sequence = header.Sequence,
        Stream = header.Kind == BlockKind.Events ? header.Stream : -1,
        Message = header.Kind != BlockKind.Events ? $"block {header.Sequence} ({header.Kind})"
            : $"block {header.Sequence} (events {header.Extent.FirstEvent} to "
                + $"{header.Extent.FirstEvent + (ulong)header.EventCount - 1} of stream {header.Stream})",
    };

    private void Damage(LogProblem here, string message) =>
        problems.AddDamage(here with { Message = message }, here.Sequence);

    private void Damage(string message) => problems.AddDamage(
        new LogProblem { Segment = number, Offset = Offset, Sequence = Sequence, Message = message }, Sequence);
}
