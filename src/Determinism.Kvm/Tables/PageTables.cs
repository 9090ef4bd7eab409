namespace Determinism.Kvm.Tables;

/// <summary>The guest's page tables: its memory, in order and without gaps, writable or executable but never both.</summary>
/// <remarks>
/// <para>Accessed and dirty are preset in every entry: the processor would set them in memory that all vCPUs share, and
/// KVM would do so behind the back of all rights (design §8). The memory cannot be protected against it
/// (docs/decisions/025); no address of the guest leads to the tables, so nothing else could write them.</para>
/// <para>A table is never changed once a vCPU may have read it, so no processor has to be told to forget: each piece of code
/// that is published makes new tables, from the root down to what changes. A vCPU enters with the root that has what it
/// has taken. Thread-safe.</para>
/// </remarks>
internal sealed unsafe class PageTables
{
    private const ulong Page = SystemArea.Page;
    private const ulong LargePage = 512 * Page;
    private const int TopLevel = 3;
    private const int LargeLevel = 1;

    private const ulong Present = 1, Writable = 2, User = 4, Accessed = 0x20, Dirty = 0x40, Large = 0x80;
    private const ulong NoExecute = 1UL << 63;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    private const ulong Branch = Present | Writable | User | Accessed;
    private const ulong Data = Present | Writable | User | Accessed | Dirty | NoExecute;
    private const ulong Code = Present | User | Accessed | Dirty;
    private const ulong System = Present | Writable | Accessed | Dirty;

    private readonly byte* _host;
    private readonly ulong _guest;
    private readonly ulong _end;
    private readonly ulong _target;
    private readonly HashSet<ulong> _unseen = [];
    private readonly List<ulong> _roots = [];
    private ulong _free;

    /// <summary>Maps memory for the guest, and the area that the tables lie in for privilege level 0.</summary>
    /// <param name="host">The area's first byte in the VMM.</param>
    /// <param name="guest">Its guest-physical address, which is its address too.</param>
    /// <param name="systemBytes">What else is in the area, at its start.</param>
    /// <param name="room">Where in it these tables may lie.</param>
    /// <param name="memoryBytes">Size of the guest's memory.</param>
    /// <param name="target">Guest-physical address of the memory.</param>
    /// <param name="code">What of it is code.</param>
    public PageTables(byte* host, ulong guest, ulong systemBytes, (ulong Start, ulong End) room, ulong memoryBytes, ulong target,
        IReadOnlyList<CodeSpan> code)
    {
        _host = host;
        _guest = guest;
        (_free, _end) = room;
        _target = target;
        ulong root = Allocate();
        ulong whole = memoryBytes & ~(LargePage - 1);
        for (ulong address = 0; address < whole; address += LargePage)
            Map(root, address, LargeLevel, (target + address) | Data | Large);
        for (ulong address = whole; address < memoryBytes; address += Page)
            Map(root, address, 0, (target + address) | Data);
        Map(root, 0, 0, 0);
        foreach (CodeSpan span in code)
            MapCode(root, span);
        for (ulong address = guest; address < guest + systemBytes; address += Page)
            Map(root, address, 0, address | System);
        _roots.Add(root);
    }

    /// <summary>Guest-physical address of the root that has the program's code and no other.</summary>
    public ulong Root => _roots[0];

    /// <summary>Bytes that the tables of a memory take, but for what code splits.</summary>
    public static ulong BytesFor(ulong memoryBytes) => Page * (8 + (memoryBytes >> 39) + (memoryBytes >> 30));

    /// <summary>The root that has published code too: executable, and no longer writable.</summary>
    /// <param name="published">Each piece, in the order of publication, which is one for all vCPUs.</param>
    /// <exception cref="KvmException">The area is full.</exception>
    public ulong RootWith(IReadOnlyList<MemoryAccess> published)
    {
        lock (_roots)
        {
            while (_roots.Count <= published.Count)
            {
                MemoryAccess next = published[_roots.Count - 1];
                _unseen.Clear();
                ulong root = Copy(_roots[^1]);
                MapCode(root, new CodeSpan(next.Address, next.Size));
                _roots.Add(root);
            }
            return _roots[published.Count];
        }
    }

    private void MapCode(ulong root, CodeSpan span)
    {
        for (ulong address = span.Address; address < span.Address + span.Bytes; address += Page)
            Map(root, address, 0, (_target + address) | Code);
    }

    /// <summary>Writes one entry, making or copying the tables above it.</summary>
    private void Map(ulong root, ulong address, int level, ulong entry)
    {
        ulong table = root;
        for (int above = TopLevel; above > level; above--)
        {
            ref ulong branch = ref Entry(table, address, above);
            ulong next = branch & AddressMask;
            if ((branch & Present) == 0)
                next = Allocate();
            else if ((branch & Large) != 0)
                next = Split(branch);
            else if (!_unseen.Contains(next))
                next = Copy(next);
            branch = next | Branch;
            table = next;
        }
        Entry(table, address, level) = entry;
    }

    private ulong Split(ulong large)
    {
        ulong table = Allocate();
        ulong first = large & ~Large;
        for (ulong offset = 0; offset < LargePage; offset += Page)
            Entry(table, offset, 0) = first + offset;
        return table;
    }

    private ulong Copy(ulong table)
    {
        ulong copy = Allocate();
        new ReadOnlySpan<byte>(Host(table), (int)Page).CopyTo(new Span<byte>(Host(copy), (int)Page));
        return copy;
    }

    private ulong Allocate()
    {
        if (_free + Page > _end)
            throw new KvmException("There is no room for more page tables: too much code has been published.");
        ulong table = _guest + _free;
        _free += Page;
        _unseen.Add(table);
        return table;
    }

    private ref ulong Entry(ulong table, ulong address, int level) =>
        ref ((ulong*)Host(table))[(address >> (12 + (9 * level))) & 511];

    private byte* Host(ulong table) => _host + (table - _guest);
}
