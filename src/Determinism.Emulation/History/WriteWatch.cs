using Determinism.Debugging;

namespace Determinism.Emulation.History;

/// <summary>Collects the writes to a range of memory while a history goes on.</summary>
/// <param name="history">The history.</param>
/// <param name="address">The first byte.</param>
/// <param name="size">Number of bytes.</param>
internal sealed class WriteWatch(RecordedHistory history, ulong address, int size) : IHistoryObserver, IWriteObserver
{
    // The history stops when there are so many: what is found is not kept.
    private const int Batch = 64;

    // What stands there after the writes so far: every write is told.
    private readonly byte[] _content = Read(history, address, size);
    private RecordedWrite? _open;

    /// <summary>Those that nobody has taken yet.</summary>
    public Queue<RecordedWrite> Found { get; } = new();

    /// <inheritdoc />
    public void Written(int agent, ulong? instruction, in MemoryAccess access)
    {
        Close();
        ulong first = Math.Max(address, access.Address);
        ulong last = Math.Min(address + (ulong)(size - 1), access.Address + (access.Size - 1));
        if (first > last)
            return;
        // An instruction is done, but its step is not counted yet; the machine is about to write, behind a step.
        ulong position = instruction is null ? history.Position - 1 : history.Position;
        byte[] before = _content[(int)(first - address)..(int)(last - address + 1)];
        _open = new RecordedWrite(position, agent, instruction, history.CompletedEvents(agent), first, before, before);
        if (instruction is not null)
            Close();
    }

    /// <inheritdoc />
    public bool Taken(in HistoryStep step)
    {
        Close();
        return Found.Count >= Batch;
    }

    /// <summary>The write that was told last is done.</summary>
    public void Close()
    {
        if (_open is null)
            return;
        byte[] after = Read(history, _open.Address, _open.Before.Length);
        after.CopyTo(_content, (int)(_open.Address - address));
        Found.Enqueue(_open with { After = after });
        _open = null;
    }

    private static byte[] Read(RecordedHistory history, ulong address, int size)
    {
        var content = new byte[size];
        history.ReadMemory(address, content);
        return content;
    }
}
