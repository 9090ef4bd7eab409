namespace Determinism.Log;

/// <summary>What a block's header says.</summary>
public sealed record LogBlockInfo
{
    internal LogBlockInfo(int segment, long offset, in BlockHeader header)
    {
        Segment = segment;
        Offset = offset;
        Sequence = header.Sequence;
        Kind = header.Kind;
        Stream = header.Kind == BlockKind.Events ? header.Stream : -1;
        Codec = header.Codec;
        IsEncrypted = (header.Flags & BlockFlags.Encrypted) != 0;
        StoredBytes = header.StoredLength;
        PlainBytes = header.PlainLength;
        EventBytes = header.Kind == BlockKind.Events ? header.EventBytes : 0;
        EventCount = header.EventCount;
        FirstEvent = header.Extent.FirstEvent;
        FirstCount = header.Extent.FirstCount;
        LastCount = header.Extent.LastCount;
        FirstExit = header.Extent.FirstExit;
        LastExit = header.Extent.LastExit;
    }

    /// <summary>Number of the segment.</summary>
    public int Segment { get; }

    /// <summary>Bytes from the segment's start.</summary>
    public long Offset { get; }

    /// <summary>Number of the block in the log, from 0.</summary>
    public long Sequence { get; }

    /// <summary>What it holds.</summary>
    public BlockKind Kind { get; }

    /// <summary>The stream of its events; -1 for blocks of other kinds.</summary>
    public int Stream { get; }

    /// <summary>How the content is compressed.</summary>
    public BlockCodec Codec { get; }

    /// <summary>Whether the content is encrypted.</summary>
    public bool IsEncrypted { get; }

    /// <summary>Bytes of the content in the file.</summary>
    public int StoredBytes { get; }

    /// <summary>Bytes of the content.</summary>
    public int PlainBytes { get; }

    /// <summary>Bytes of events in it.</summary>
    public int EventBytes { get; }

    /// <summary>Number of events in it.</summary>
    public int EventCount { get; }

    /// <summary>Number of the first of them in its stream, from 1.</summary>
    public ulong FirstEvent { get; }

    /// <summary>The clock's count in force at the first event.</summary>
    public ulong FirstCount { get; }

    /// <summary>The clock's count in force after the last event.</summary>
    public ulong LastCount { get; }

    /// <summary>The exit in force at the first event.</summary>
    public ulong FirstExit { get; }

    /// <summary>The exit in force after the last event.</summary>
    public ulong LastExit { get; }
}
