using System.Runtime.CompilerServices;

namespace CustomBackend.Machine;

/// <summary>Flat memory with a page table for each CPU.</summary>
/// <remarks>A CPU looks at its table at every access. The table is changed while the CPU is outside of its loop, so no
/// access falls between the look and the change.</remarks>
public sealed class PagedMemory(int bytes, int cpus)
{
    public const int PageShift = 10;

    private readonly byte[] _bytes = new byte[bytes];
    private readonly PageRight[][] _tables =
        [.. Enumerable.Range(0, cpus).Select(_ => Enumerable.Repeat(PageRight.Write, bytes >> PageShift).ToArray())];

    public int Length => _bytes.Length;

    public Span<byte> All => _bytes;

    public void Protect(int cpu, int page, PageRight right) => _tables[cpu][page] = right;

    public void ProtectAll(PageRight right)
    {
        foreach (PageRight[] table in _tables)
            Array.Fill(table, right);
    }

    public bool Allows(int cpu, MemoryTouch touch) =>
        _tables[cpu][touch.Address >> PageShift] >= touch.Needs
        && _tables[cpu][(touch.Address + touch.Size - 1) >> PageShift] >= touch.Needs;

    public ulong Load(uint address) => Unsafe.ReadUnaligned<ulong>(ref _bytes[address]);

    public void Store(uint address, ulong value) => Unsafe.WriteUnaligned(ref _bytes[address], value);

    public void AtomicAdd(uint address, ulong value) =>
        Interlocked.Add(ref Unsafe.As<byte, ulong>(ref _bytes[address]), value);
}
