using System.Buffers.Binary;

namespace Determinism.Checkpoints;

/// <summary>Writes the head of a checkpoint's block; docs/log-format.md.</summary>
internal static class CheckpointWriter
{
    public const byte EndedFlag = 0x80;
    public const byte NoPlace = 0xFF;

    /// <summary>Stands before the number, which is never 0.</summary>
    public const ulong WholeMark = 0;

    public static void Write(GrowingBuffer buffer, CheckpointContent content)
    {
        if (content.IsWhole)
            buffer.WriteVarint(WholeMark);
        buffer.WriteVarint((ulong)content.Number);
        buffer.WriteVarint(content.FirstContent);
        buffer.WriteVarint((ulong)content.StoredPieces);
        foreach (AgentCheckpoint agent in content.Agents)
            WriteAgent(buffer, agent);
        buffer.WriteVarint((ulong)content.Memory.Length);
        ulong next = 0;
        foreach (PieceContent one in content.Memory)
        {
            buffer.WriteVarint(one.Piece - next);
            buffer.WriteVarint(one.Content);
            next = one.Piece + 1;
        }
        buffer.WriteVarint((ulong)content.StateBytes);
        foreach (ulong number in content.State)
            buffer.WriteVarint(number);
    }

    private static void WriteAgent(GrowingBuffer buffer, AgentCheckpoint agent)
    {
        AgentProgress progress = agent.Progress;
        buffer.WriteVarint(agent.Position.Events);
        buffer.WriteByte((byte)agent.Position.Place);
        buffer.WriteVarint(agent.Position.Position);
        buffer.WriteByte((byte)((byte)progress.LastExit | (progress.HasEnded ? EndedFlag : 0)));
        buffer.WriteVarint(progress.ExitCount);
        buffer.WriteVarint(progress.Point.Count);
        buffer.WriteVarint(progress.Point.InstructionPointer);
        buffer.WriteVarint(progress.Point.StackPointer);
        buffer.WriteVarint(progress.Point.StringCounter);
        buffer.WriteByte(progress.MixedPlace == PlaceKind.Same ? NoPlace : (byte)progress.MixedPlace);
        buffer.WriteVarint(progress.MixedPosition);
        WriteWord(buffer, progress.Digest);
        WriteWord(buffer, progress.StateDigest);
        foreach (ulong number in agent.Clock)
            buffer.WriteVarint(number);
        buffer.WriteVarint((ulong)agent.Rights.Length);
        ulong next = 0;
        foreach (FrameRequest held in agent.Rights)
        {
            buffer.WriteVarint(((held.Frame - next) << 1) | (held.Right == AccessRight.ReadWrite ? 1UL : 0));
            next = held.Frame + 1;
        }
    }

    private static void WriteWord(GrowingBuffer buffer, ulong word)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(sizeof(ulong)), word);
        buffer.Advance(sizeof(ulong));
    }
}
