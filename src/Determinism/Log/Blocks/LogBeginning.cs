using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>Where a log begins whose oldest part was dropped: the content of a beginning block; docs/log-format.md.</summary>
/// <param name="BaseCount">Number of the first segments, which hold what the machine starts from, and are never
/// dropped.</param>
/// <param name="FirstSegment">Number of the first segment that is kept of the others.</param>
/// <param name="Checkpoint">Number of the checkpoint that the log begins at; a whole one.</param>
/// <param name="Starts">Where the streams stand when that segment begins.</param>
/// <param name="Link">The chain's link before that segment's start; zeros without a chain.</param>
internal sealed record LogBeginning(int BaseCount, int FirstSegment, int Checkpoint, StreamStart[] Starts, byte[] Link)
{
    private const int FixedBytes = 16 + BlockChain.LinkBytes;

    /// <summary>Whether the log's own word for it was read; if not, neither the checkpoint is known nor where the streams
    /// stand.</summary>
    public bool IsSeen => Checkpoint > 0;

    /// <summary>What is known of a beginning that is encrypted, without the key.</summary>
    /// <param name="baseCount">Number of the first segments.</param>
    /// <param name="firstSegment">Number of the first segment that is kept of the others.</param>
    /// <param name="streamCount">Number of the log's streams.</param>
    public static LogBeginning Unseen(int baseCount, int firstSegment, int streamCount) =>
        new(baseCount, firstSegment, 0, SegmentFile.InitialStarts(streamCount), new byte[BlockChain.LinkBytes]);

    public byte[] ToBytes()
    {
        var bytes = new byte[FixedBytes + (Starts.Length * StreamStart.Bytes)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, BaseCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), FirstSegment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Checkpoint);
        Link.CopyTo(bytes, 16);
        for (int stream = 0; stream < Starts.Length; stream++)
            Starts[stream].WriteTo(bytes.AsSpan(FixedBytes + (stream * StreamStart.Bytes)));
        return bytes;
    }

    /// <summary>Reads one.</summary>
    /// <param name="content">The block's content.</param>
    /// <param name="streamCount">Number of the log's streams.</param>
    /// <param name="segment">Number of the segment that the block is in.</param>
    /// <exception cref="LogDamagedException">It is none that could be written there.</exception>
    public static LogBeginning Read(ReadOnlySpan<byte> content, int streamCount, int segment)
    {
        if (content.Length != FixedBytes + (streamCount * StreamStart.Bytes))
            throw new LogDamagedException("Where the log begins cannot be read.");
        var starts = new StreamStart[streamCount];
        for (int stream = 0; stream < streamCount; stream++)
            starts[stream] = StreamStart.Read(content[(FixedBytes + (stream * StreamStart.Bytes))..]);
        var beginning = new LogBeginning(BinaryPrimitives.ReadInt32LittleEndian(content),
            BinaryPrimitives.ReadInt32LittleEndian(content[4..]), BinaryPrimitives.ReadInt32LittleEndian(content[8..]), starts,
            content.Slice(16, BlockChain.LinkBytes).ToArray());
        return beginning is { BaseCount: > 0, Checkpoint: > 0 } && beginning.FirstSegment >= beginning.BaseCount
            && beginning.FirstSegment <= segment && Array.TrueForAll(starts, static start => start is { NextEvent: > 0, Offset: >= 0 })
            ? beginning
            : throw new LogDamagedException("Where the log says that it begins, it cannot.");
    }
}
