using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Determinism.Model.Tests.Checking;

/// <summary>Numbers distinct states in order of discovery. States are compared as bytes.</summary>
internal sealed class StateSet<TState>
    where TState : unmanaged
{
    private const int ChunkBits = 14;
    private readonly List<TState[]> _chunks = [];
    private int[] _slots = new int[1 << 12];

    public int Count { get; private set; }

    public ref readonly TState this[int index] => ref _chunks[index >> ChunkBits][index & ((1 << ChunkBits) - 1)];

    /// <summary>The number of <paramref name="state"/>, and whether it is new.</summary>
    public int Add(in TState state, out bool added)
    {
        ReadOnlySpan<byte> bytes = Bytes(in state);
        int mask = _slots.Length - 1;
        for (int slot = (int)XxHash3.HashToUInt64(bytes) & mask; ; slot = (slot + 1) & mask)
        {
            int entry = _slots[slot] - 1;
            if (entry < 0)
            {
                added = true;
                _slots[slot] = Count + 1;
                return Append(in state);
            }

            if (Bytes(in this[entry]).SequenceEqual(bytes))
            {
                added = false;
                return entry;
            }
        }
    }

    private static ReadOnlySpan<byte> Bytes(in TState state) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in state, 1));

    private int Append(in TState state)
    {
        if ((Count & ((1 << ChunkBits) - 1)) == 0)
            _chunks.Add(new TState[1 << ChunkBits]);
        _chunks[^1][Count & ((1 << ChunkBits) - 1)] = state;
        Count++;
        if (Count * 2 > _slots.Length)
            Rehash();
        return Count - 1;
    }

    private void Rehash()
    {
        _slots = new int[_slots.Length * 2];
        int mask = _slots.Length - 1;
        for (int i = 0; i < Count; i++)
        {
            int slot = (int)XxHash3.HashToUInt64(Bytes(in this[i])) & mask;
            while (_slots[slot] != 0)
                slot = (slot + 1) & mask;
            _slots[slot] = i + 1;
        }
    }
}
