using Determinism.Checkpoints;
using Determinism.Log;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>Copies logs with other checkpoints.</summary>
internal static class LogEdits
{
    public static void Copy(MemoryEventLog from, MemoryEventLog to, Func<CheckpointContent, CheckpointContent> edit)
    {
        foreach (BlockKind kind in Enum.GetValues<BlockKind>())
        {
            if (kind is not (BlockKind.None or BlockKind.Events or BlockKind.Checkpoint)
                && from.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                to.AppendBlock(kind, content.Span);
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
