namespace Determinism.Litmus;

/// <summary>A thread of the model: where it is, its registers, and the stores that the others do not see yet.</summary>
internal sealed class ThreadState
{
    public int Next { get; set; }

    public uint Flags { get; set; }

    public ulong[] Registers { get; private init; } = new ulong[16];

    /// <summary>What an instruction has read that is to write yet, not being atomic.</summary>
    public ulong? HasRead { get; set; }

    /// <summary>The oldest first; never changed in place.</summary>
    public BufferedStore[] Buffer { get; set; } = [];

    public ThreadState Clone() => new()
    {
        Next = Next, Flags = Flags, HasRead = HasRead, Buffer = Buffer, Registers = (ulong[])Registers.Clone(),
    };

    public void AddTo(List<ulong> key)
    {
        key.Add((uint)Next | ((ulong)Flags << 32) | (HasRead is null ? 0 : 1UL << 63));
        key.Add(HasRead ?? 0);
        key.AddRange(Registers);
        key.Add((ulong)Buffer.Length);
        foreach (BufferedStore store in Buffer)
        {
            key.Add(store.Address);
            key.Add((ulong)store.Bytes);
            key.Add(store.Value);
        }
    }
}

/// <summary>A store on its way to memory.</summary>
internal readonly record struct BufferedStore(ulong Address, int Bytes, ulong Value);
