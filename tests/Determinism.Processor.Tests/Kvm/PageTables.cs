using Determinism.ProcessorTests.Comparison;

namespace Determinism.ProcessorTests.Kvm;

/// <summary>Page tables that map the first gigabyte to itself, for privilege level 3.</summary>
internal static unsafe class PageTables
{
    public const ulong Root = 0x2000;
    private const ulong Pointers = Root + 0x1000;
    private const ulong Directory = Pointers + 0x1000;

    // Present, writable, user. Accessed and dirty are preset: the processor would write them into guest memory.
    private const ulong Entry = 0x67;
    private const ulong LargePage = 0x80;

    public static void Write(byte* memory)
    {
        *(ulong*)(memory + Root) = Pointers | Entry;
        *(ulong*)(memory + Pointers) = Directory | Entry;
        var directory = (ulong*)(memory + Directory);
        for (var i = 0UL; i << 21 < Layout.MemoryBytes; i++)
            directory[i] = (i << 21) | Entry | LargePage;
    }
}
