using Determinism.Checkpoints;
using Determinism.Log;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>Copies logs with other checkpoints.</summary>
internal static class LogEdits
{
    /// <summary>A copy that begins at its first checkpoint.</summary>
    public static MemoryEventLog BeginAtCheckpoint(MemoryEventLog log)
    {
        var copy = new MemoryEventLog(log.StreamCount);
        Copy(log, copy, static content => content, static header => header with { BeginsAtCheckpoint = true });
        return copy;
    }

    public static void Copy(MemoryEventLog from, MemoryEventLog to, Func<CheckpointContent, CheckpointContent> edit,
        Func<LogHeader, LogHeader>? editHeader = null)
    {
        foreach (BlockKind kind in Enum.GetValues<BlockKind>())
        {
            if (kind is not (BlockKind.None or BlockKind.Events or BlockKind.Checkpoint)
                && from.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                to.AppendBlock(kind, kind == BlockKind.Header && editHeader is not null
                    ? editHeader(LogHeader.FromBytes(content.Span)).ToBytes() : content.Span);
        }
        for (int stream = 0; stream < from.StreamCount; stream++)
        {
            long offset = 0;
            for (ReadOnlyMemory<byte> run; !(run = from.ReadEvents(stream, offset)).IsEmpty; offset += run.Length)
                to.Append(stream, run.Span);
        }
        for (int index = 0; index < from.CountBlocks(BlockKind.Checkpoint); index++)
        {
            ReadOnlyMemory<byte> block = from.ReadBlock(BlockKind.Checkpoint, index);
            CheckpointContent content = CheckpointReader.Read(block.Span, from.StreamCount);
            var buffer = new GrowingBuffer();
            CheckpointWriter.Write(buffer, edit(content));
            buffer.Write(block.Span[content.HeadBytes..]);
            to.AppendBlock(BlockKind.Checkpoint, buffer.Written);
        }
        to.Complete();
    }
}
