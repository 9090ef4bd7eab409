using System.Runtime.InteropServices;
using Determinism.Kvm.Tables;

namespace Determinism.Kvm.Tests.Memory;

/// <summary>The tables, walked as the processor does.</summary>
public sealed unsafe class PageTablesTests : IDisposable
{
    private const ulong Area = 1UL << 40;
    private const ulong AreaBytes = 8UL << 20;
    private const ulong Start = 0x4000;
    private const ulong Code = 0x40_0000;

    private readonly byte* _host = (byte*)NativeMemory.AllocZeroed((nuint)AreaBytes);

    [Theory]
    [InlineData(8UL << 20, 0)]
    [InlineData((8UL << 20) + 0x3000, 0)]
    [InlineData((8UL << 20) + 0x3000, 1UL << 41)]
    [InlineData(1UL << 30, 1UL << 41)]
    [InlineData((64UL << 30) + 0x1000, 0)]
    public void All_memory_but_the_null_page_is_mapped_once_in_order_and_nothing_is_writable_and_executable(
        ulong memoryBytes, ulong target)
    {
        PageTables tables = Make(memoryBytes, target);
        ulong user = 0, system = 0, code = 0;
        foreach ((ulong address, ulong entry, ulong bytes) in Walk(tables.Root))
        {
            Assert.Equal(((entry & 4) == 0 ? 0 : target) + address, entry & 0x000F_FFFF_FFFF_F000);
            Assert.True((entry & 0x60) == 0x60, "accessed and dirty are preset");
            bool isWritable = (entry & 2) != 0, isExecutable = entry >> 63 == 0;
            if ((entry & 4) == 0)
            {
                Assert.InRange(address, Area, Area + Start - 1);
                system += bytes;
                continue;
            }
            Assert.NotEqual(isWritable, isExecutable);
            Assert.InRange(address, 0x1000UL, memoryBytes - bytes);
            user += bytes;
            code += isExecutable ? bytes : 0;
        }
        Assert.Equal(memoryBytes - 0x1000, user);
        Assert.Equal(0x2000UL, code);
        Assert.Equal(Start, system);
    }

    [Theory]
    [InlineData(4UL << 20, 0x1F_F000UL, 0x2000UL)]
    [InlineData(4UL << 20, 0x3F_F000UL, 0x1000UL)]
    [InlineData((6UL << 20) + 0x5000, 0x60_4000UL, 0x1000UL)]
    [InlineData((2UL << 30) + 0x20_1000, (1UL << 30) - 0x1000, 0x40_2000UL)]
    public void Code_lies_where_it_should_over_borders_of_tables_and_at_the_end_of_memory(
        ulong memoryBytes, ulong code, ulong codeBytes)
    {
        var tables = new PageTables(
            _host, Area, Start, (Start, AreaBytes), memoryBytes, target: 0, [new CodeSpan(code, codeBytes)]);
        Dictionary<ulong, ulong> pages = Pages(tables.Root);
        Assert.Equal((memoryBytes - 0x1000 + Start) >> 12, (ulong)pages.Count);
        foreach ((ulong address, ulong entry) in pages)
            Assert.Equal(address - code < codeBytes, (entry & 4) != 0 && entry >> 63 == 0);
    }

    [Fact]
    public void Publishing_makes_code_in_new_tables_and_leaves_the_old_ones_as_they_were()
    {
        PageTables tables = Make(64UL << 20);
        ulong before = tables.Root;
        byte[] old = new ReadOnlySpan<byte>(_host, (int)AreaBytes).ToArray();
        int used = Array.FindLastIndex(old, one => one != 0) + 1;
        Dictionary<ulong, ulong> original = Pages(before);

        MemoryAccess[] published = [new(0x60_0000, 0x3000, AccessRight.Read), new(0x80_0000, 0x1000, AccessRight.Read)];
        ulong second = tables.RootWith(published);
        ulong first = tables.RootWith(published[..1]);
        Assert.Equal(before, tables.Root);
        Assert.Equal(before, tables.RootWith([]));
        Assert.Equal(second, tables.RootWith(published));
        Assert.Equal(3, new HashSet<ulong> { before, first, second }.Count);
        Assert.True(old.AsSpan(0, used).SequenceEqual(new ReadOnlySpan<byte>(_host, used)), "an old table has changed");
        Check(first, address => address is >= 0x60_0000 and < 0x60_3000);
        Check(second, address => address is >= 0x60_0000 and < 0x60_3000 or >= 0x80_0000 and < 0x80_1000);

        void Check(ulong root, Func<ulong, bool> isNew)
        {
            Dictionary<ulong, ulong> pages = Pages(root);
            Assert.Equal(original.Count, pages.Count);
            foreach ((ulong address, ulong entry) in pages)
            {
                Assert.Equal(isNew(address) ? entry : original[address], entry);
                if (isNew(address))
                    Assert.Equal((0UL, 0UL), (entry >> 63, entry & 2));
            }
        }
    }

    [Fact]
    public void An_area_that_is_full_says_so()
    {
        PageTables tables = Make(64UL << 20);
        var published = new List<MemoryAccess>();
        var full = Assert.Throws<KvmException>(() => PublishMuch(tables, published));
        Assert.Contains("no room", full.Message, StringComparison.Ordinal);
        // What there was before is still there, and it stays full.
        Assert.Throws<KvmException>(() => tables.RootWith(published));
        published.RemoveAt(published.Count - 1);
        Dictionary<ulong, ulong> last = Pages(tables.RootWith(published));
        Assert.All(published, made => Assert.Equal((0UL, 0UL), (last[made.Address] >> 63, last[made.Address] & 2)));

        static void PublishMuch(PageTables tables, List<MemoryAccess> published)
        {
            for (ulong page = 0x60_0000; page < 64UL << 20; page += 0x1000)
            {
                published.Add(new MemoryAccess(page, 0x1000, AccessRight.Read));
                tables.RootWith(published);
            }
        }
    }

    public void Dispose() => NativeMemory.Free(_host);

    private PageTables Make(ulong memoryBytes, ulong target = 0) =>
        new(_host, Area, Start, (Start, AreaBytes), memoryBytes, target, [new CodeSpan(Code, 0x2000)]);

    private Dictionary<ulong, ulong> Pages(ulong root)
    {
        var pages = new Dictionary<ulong, ulong>();
        foreach ((ulong address, ulong entry, ulong bytes) in Walk(root))
        {
            for (ulong offset = 0; offset < bytes; offset += 4096)
                pages.Add(address + offset, (entry & ~0x80UL) + offset);
        }
        return pages;
    }

    private List<(ulong Address, ulong Entry, ulong Bytes)> Walk(ulong root)
    {
        var found = new List<(ulong, ulong, ulong)>();
        Walk(root, 3, 0);
        return found;

        void Follow(ulong entry, int level, ulong at)
        {
            // Present, writable, user, accessed: a branch takes nothing away, and the processor has nothing to set.
            Assert.Equal(0x27UL, entry & ~0x000F_FFFF_FFFF_F000UL);
            Walk(entry & 0x000F_FFFF_FFFF_F000, level - 1, at);
        }

        void Walk(ulong table, int level, ulong address)
        {
            for (ulong index = 0; index < 512; index++)
            {
                ulong entry = ((ulong*)(_host + (table - Area)))[index];
                ulong at = address + (index << (12 + (9 * level)));
                if ((entry & 1) == 0)
                    continue;
                bool isLarge = level == 1 && (entry & 0x80) != 0;
                if (level == 0 || isLarge)
                    found.Add((at, entry, 1UL << (12 + (9 * level))));
                else
                    Follow(entry, level, at);
            }
        }
    }
}
