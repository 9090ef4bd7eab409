namespace Determinism.Debugging.Tests.Support;

/// <summary>Threads that all run one loop of eight instructions, in an order that a seed decides. A value: a copy goes its own
/// way.</summary>
/// <remarks>Instruction 3 adds one to the word that they share, 5 reads it, 6 writes a word of the thread's own, 7 jumps back; the
/// others compute in a register.</remarks>
internal sealed class ToyMachine
{
    public const ulong Base = 0x1000;
    public const int MemoryBytes = 0x2000;
    public const ulong Shared = 0x2000;
    public const ulong Own = 0x2010;
    public const int LoopLength = 8;

    private ulong _order;
    private int _turn;

    public ToyMachine(int threads, ulong seed)
    {
        Pc = new ulong[threads];
        Rax = new ulong[threads];
        Array.Fill(Pc, Base);
        Memory = new byte[MemoryBytes];
        Memory.AsSpan(0, LoopLength).Fill(0x90);
        _order = seed;
        Schedule();
    }

    private ToyMachine(ToyMachine other)
    {
        Pc = [.. other.Pc];
        Rax = [.. other.Rax];
        Memory = [.. other.Memory];
        Position = other.Position;
        Next = other.Next;
        _order = other._order;
        _turn = other._turn;
    }

    public ulong Position { get; private set; }

    public ulong[] Pc { get; }

    public ulong[] Rax { get; }

    public byte[] Memory { get; }

    /// <summary>Index of the thread that comes next.</summary>
    public int Next { get; private set; }

    public ToyMachine Copy() => new(this);

    /// <summary>Takes a step.</summary>
    public HistoryAccess[] Step()
    {
        int thread = Next;
        int instruction = (int)(Pc[thread] - Base);
        Rax[thread] = (Rax[thread] * 6364136223846793005) + (ulong)thread + 1;
        HistoryAccess[] accesses = instruction switch
        {
            3 => [new HistoryAccess(Shared, 4, true, true)],
            5 => [new HistoryAccess(Shared, 4, true, false)],
            6 => [new HistoryAccess(Own + (8 * (ulong)thread), 8, false, true)],
            _ => [],
        };
        if (instruction == 3)
            BitConverter.TryWriteBytes(At(Shared), BitConverter.ToUInt32(At(Shared)) + 1);
        if (instruction == 6)
            BitConverter.TryWriteBytes(At(Own + (8 * (ulong)thread)), Rax[thread]);
        Pc[thread] = instruction == LoopLength - 1 ? Base : Pc[thread] + 1;
        Position++;
        if (--_turn == 0)
            Schedule();
        return accesses;
    }

    private Span<byte> At(ulong address) => Memory.AsSpan((int)(address - Base));

    private void Schedule()
    {
        _order = (_order * 6364136223846793005) + 1442695040888963407;
        Next = (int)((_order >> 40) % (ulong)Pc.Length);
        _turn = 1 + (int)((_order >> 50) % 7);
    }
}
