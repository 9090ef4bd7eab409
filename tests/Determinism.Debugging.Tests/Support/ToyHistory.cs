using System.Buffers.Binary;

namespace Determinism.Debugging.Tests.Support;

/// <summary>The run of a <see cref="ToyMachine"/>, with a checkpoint every so many steps.</summary>
internal sealed class ToyHistory : IHistory
{
    private readonly ulong _end;
    private readonly ulong _interval;
    private readonly SortedDictionary<ulong, ToyMachine> _checkpoints = [];
    private ToyMachine _machine;

    public ToyHistory(int threads, ulong seed, ulong end, ulong interval)
    {
        _machine = new ToyMachine(threads, seed);
        _end = end;
        _interval = interval;
        Keep();
    }

    public TargetDescription Description => TargetDescription.X64;

    public ulong Position => _machine.Position;

    public int NextThread => Position == _end ? 0 : _machine.Next + 1;

    public ulong NextAddress => _machine.Pc[_machine.Next];

    public IReadOnlyList<DebugThread> Threads =>
        [.. _machine.Pc.Select((pc, index) => new DebugThread(index + 1, $"toy {index} at {pc - ToyMachine.Base}"))];

    /// <summary>The machine where it is now, for comparing.</summary>
    public ToyMachine State => _machine;

    /// <summary>What it does wrong, so that those who compare are seen to notice.</summary>
    public ToyMistake Mistake { get; init; }

    /// <summary>Steps taken, all in all.</summary>
    public ulong Work { get; private set; }

    public void Advance(ulong limit, IHistoryObserver? observer, CancellationToken cancellationToken)
    {
        while (Position < Math.Min(limit, _end) && !cancellationToken.IsCancellationRequested)
        {
            int thread = NextThread;
            HistoryAccess[] accesses = _machine.Step();
            Work++;
            Keep();
            if (Mistake == ToyMistake.SkipsAccesses && Position % 16 == 0)
                accesses = [];
            if (observer is not null && observer.Taken(new HistoryStep(thread, accesses)))
                return;
        }
    }

    public void Seek(ulong position, CancellationToken cancellationToken)
    {
        position = Math.Min(position, _end);
        ulong from = _checkpoints.Keys.Last(at => at <= position);
        if (position < Position || from > Position)
        {
            _machine = _checkpoints[from].Copy();
            if (Mistake == ToyMistake.ForgetsMemory)
                _machine.Memory.AsSpan((int)(ToyMachine.Shared - ToyMachine.Base), 4).Clear();
        }
        if (Mistake == ToyMistake.SeeksTooFar && position % 16 == 5)
            position++;
        Advance(position, null, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public ulong CheckpointBefore(ulong position) => (position - 1) / _interval * _interval;

    public bool TryReadRegister(int thread, int register, Span<byte> destination)
    {
        destination.Clear();
        // RAX, RSP, RIP; the x87 has none.
        if (register is 0 or 7 or 16)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, register switch
            {
                0 => _machine.Rax[thread - 1],
                7 => 0x2800UL + (0x100 * (ulong)thread),
                _ => _machine.Pc[thread - 1],
            });
        }
        return register is < 24 or >= 40;
    }

    public int ReadMemory(ulong address, Span<byte> destination)
    {
        if (address < ToyMachine.Base || address >= ToyMachine.Base + ToyMachine.MemoryBytes)
            return 0;
        ReadOnlySpan<byte> there = _machine.Memory.AsSpan((int)(address - ToyMachine.Base));
        int count = Math.Min(there.Length, destination.Length);
        there[..count].CopyTo(destination);
        return count;
    }

    private void Keep()
    {
        if (Position % _interval == 0 && !_checkpoints.ContainsKey(Position))
            _checkpoints[Position] = _machine.Copy();
    }
}
