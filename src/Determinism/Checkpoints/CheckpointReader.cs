using System.Buffers.Binary;
using Determinism.Log;

namespace Determinism.Checkpoints;

/// <summary>Reads the head of a checkpoint's block; whatever the bytes are, it comes back or says that they are
/// damaged.</summary>
internal ref struct CheckpointReader
{
    private readonly ReadOnlySpan<byte> _block;
    private readonly int _agents;
    private int _at;

    private CheckpointReader(ReadOnlySpan<byte> block, int agents)
    {
        _block = block;
        _agents = agents;
    }

    /// <summary>Reads a head.</summary>
    /// <param name="block">The block's content.</param>
    /// <param name="agentCount">Number of the log's streams.</param>
    /// <exception cref="LogDamagedException">It is not a checkpoint of such a log.</exception>
    public static CheckpointContent Read(ReadOnlySpan<byte> block, int agentCount) =>
        new CheckpointReader(block, agentCount).ReadContent();

    private CheckpointContent ReadContent()
    {
        ulong number = Number(int.MaxValue);
        bool isWhole = number == CheckpointWriter.WholeMark;
        if (isWhole)
            number = Number(int.MaxValue);
        ulong first = Number(ulong.MaxValue);
        int stored = (int)Number((ulong)_block.Length / Pieces.Bytes);
        var agents = new AgentCheckpoint[_agents];
        for (int agent = 0; agent < agents.Length; agent++)
            agents[agent] = ReadAgent();
        PieceContent[] memory = ReadMemory();
        int bytes = (int)Number(LogLimits.MaximumContentBytes);
        var state = new ulong[ReadLength(Pieces.CountOf((ulong)bytes))];
        for (int piece = 0; piece < state.Length; piece++)
            state[piece] = Number(ulong.MaxValue);
        var content = new CheckpointContent
        {
            Number = (int)number, IsWhole = isWhole, Agents = agents, Memory = memory, State = state, StateBytes = bytes, FirstContent = first,
            StoredPieces = stored, HeadBytes = _at,
        };
        if (number == 0 || first == 0 || content.Bytes != _block.Length || Array.Exists(memory, one => one.Content >= content.NextContent)
            || Array.Exists(state, one => one >= content.NextContent))
            throw Damaged();
        if (isWhole && content.FindContentBefore(first) is not Pieces.Zeros)
            throw new LogDamagedException($"Checkpoint {number} says that it is whole, and needs contents that it has not.");
        return content;
    }

    private AgentCheckpoint ReadAgent()
    {
        var position = new AgentPosition(Number(ulong.MaxValue), Place(), Number(ulong.MaxValue));
        byte exit = Byte();
        bool hasEnded = (exit & CheckpointWriter.EndedFlag) != 0;
        exit &= CheckpointWriter.EndedFlag - 1;
        if (exit > (byte)ExitKind.Stopped)
            throw Damaged();
        ulong exits = Number(ulong.MaxValue);
        var point = new ExecutionPoint(
            Number(ulong.MaxValue), Number(ulong.MaxValue), Number(ulong.MaxValue), Number(ulong.MaxValue));
        byte mixed = Byte();
        if (mixed is not (CheckpointWriter.NoPlace or (byte)PlaceKind.Count or (byte)PlaceKind.Exit))
            throw Damaged();
        ulong mixedPosition = Number(ulong.MaxValue);
        var progress = new AgentProgress((ExitKind)exit, exits, point, Word(),
            mixed == CheckpointWriter.NoPlace ? PlaceKind.Same : (PlaceKind)mixed, mixedPosition, Word(), hasEnded);
        var clock = new ulong[_agents];
        for (int other = 0; other < clock.Length; other++)
            clock[other] = Number(ulong.MaxValue);
        return new AgentCheckpoint(position, progress, clock, ReadRights());
    }

    private FrameRequest[] ReadRights()
    {
        var rights = new FrameRequest[ReadLength(Number(ulong.MaxValue))];
        ulong next = 0;
        for (int index = 0; index < rights.Length; index++)
        {
            ulong one = Number(ulong.MaxValue);
            ulong frame = next + (one >> 1);
            rights[index] = new FrameRequest(frame, (one & 1) != 0 ? AccessRight.ReadWrite : AccessRight.Read);
            next = frame + 1;
        }
        return rights;
    }

    private PieceContent[] ReadMemory()
    {
        var memory = new PieceContent[ReadLength(Number(ulong.MaxValue))];
        ulong next = 0;
        for (int index = 0; index < memory.Length; index++)
        {
            ulong piece = next + Number(ulong.MaxValue >> 13);
            if (piece > ulong.MaxValue / Pieces.Bytes)
                throw Damaged();
            memory[index] = new PieceContent(piece, Number(ulong.MaxValue));
            next = piece + 1;
        }
        return memory;
    }

    // A list that the block cannot hold is damage, not a wish for memory.
    private readonly int ReadLength(ulong count) => count <= (ulong)(_block.Length - _at) ? (int)count : throw Damaged();

    private ulong Number(ulong most)
    {
        int next = Varint.Read(_block, _at, out ulong value);
        if (next < 0 || value > most)
            throw Damaged();
        _at = next;
        return value;
    }

    private byte Byte() => _at < _block.Length ? _block[_at++] : throw Damaged();

    private PlaceKind Place()
    {
        byte place = Byte();
        return place <= (byte)PlaceKind.Exit ? (PlaceKind)place : throw Damaged();
    }

    private ulong Word()
    {
        if (_block.Length - _at < sizeof(ulong))
            throw Damaged();
        ulong word = BinaryPrimitives.ReadUInt64LittleEndian(_block[_at..]);
        _at += sizeof(ulong);
        return word;
    }

    private static LogDamagedException Damaged() => new("A checkpoint cannot be read.");
}
