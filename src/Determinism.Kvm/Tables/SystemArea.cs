using Determinism.Kvm.Interop;
using Determinism.Kvm.Memory;

namespace Determinism.Kvm.Tables;

/// <summary>What the processor needs beside the guest's memory: descriptors, exception gates, page tables. Behind the
/// guest's memory, out of its reach at privilege level 3.</summary>
/// <remarks>
/// All vCPUs of a machine see one area; each has an exception stack of its own at the same address. Nothing that a vCPU may
/// have read is ever changed: no processor has a bit to set there, and the preflight looks whether one did all the same.
/// </remarks>
internal sealed unsafe class SystemArea : IDisposable
{
    public const ulong Page = 4096;

    /// <summary>Port of the exit that tells of exception 0; the others follow.</summary>
    public const int ExceptionPorts = 0x80;

    public const int ExceptionCount = 32;

    private const ulong Granularity = 1UL << 30;
    private const ulong SpareBytes = 64UL << 20;
    private const int DescriptorsAt = 0x1000;
    private const int GatesAt = 0x2000;
    private const int HandlersAt = 0x3000;
    private const int TablesAt = 0x4000;
    private const int HandlerBytes = 16;

    // 64-bit code and data of privilege levels 0 and 3, accessed already: the processor would write that bit.
    private const ulong SystemCode = 0x00AF_9B00_0000_FFFF;
    private const ulong SystemData = 0x00CF_9300_0000_FFFF;
    private const ulong UserData = 0x00CF_F300_0000_FFFF;
    private const ulong UserCode = 0x00AF_FB00_0000_FFFF;

    private const int TaskAt = 0x100;
    private const int PortMapAt = TaskAt + 0x68;

    // One bit a port, and the byte of ones that has to follow.
    private const int PortMapBytes = 32;

    private readonly SharedMemory _memory;

    public SystemArea(ulong memoryBytes, IReadOnlyList<CodeSpan> code)
    {
        Start = (memoryBytes + Granularity - 1) & ~(Granularity - 1);
        ulong tableBytes = PageTables.BytesFor(memoryBytes) + SpareBytes;
        _memory = new SharedMemory("system area", TablesAt + (2 * tableBytes));
        WriteDescriptors();
        WriteGates();
        OpenStart = Start + ((_memory.Bytes + Granularity - 1) & ~(Granularity - 1));
        Tables = MakeTables(TablesAt, 0);
        OpenTables = MakeTables(TablesAt + tableBytes, OpenStart);

        PageTables MakeTables(ulong at, ulong target) =>
            new(_memory.All.Start, Start, TablesAt, (at, at + tableBytes), memoryBytes, target, code);
    }

    /// <summary>Guest-physical address, and guest address too.</summary>
    public ulong Start { get; }

    /// <summary>The exception stack is the first page; the shared part follows.</summary>
    public ulong SharedStart => Start + Page;

    public ulong SharedBytes => _memory.Bytes - Page;

    public ulong StackTop => Start + Page;

    /// <summary>Guest-physical address of all of memory, past a view's rights.</summary>
    public ulong OpenStart { get; }

    /// <summary>Lead to memory as the view shows it.</summary>
    public PageTables Tables { get; }

    /// <summary>Lead past the view.</summary>
    public PageTables OpenTables { get; }

    /// <summary>The area as one vCPU sees it: the first page is not part of it.</summary>
    /// <remarks>Writable although nobody writes: with two levels of paging, a processor that walks the guest's tables is taken to
    /// write them, whatever is in them (docs/decisions/025).</remarks>
    public Mapping Map() => _memory.Map();

    /// <summary>Begins to watch for what is written into the area.</summary>
    public AreaWatch Watch() => new(_memory);

    /// <summary>System registers of a vCPU in long mode.</summary>
    /// <param name="registers">What the vCPU has after its creation.</param>
    /// <param name="gsBase">The base of GS.</param>
    /// <param name="level">The privilege level: 3, or 0.</param>
    /// <param name="preventsInstructions">Whether SGDT and its like fault at level 3.</param>
    public void SetMode(ref KvmSystemRegisters registers, ulong gsBase, byte level, bool preventsInstructions)
    {
        (ushort code, ushort data) = level == 0 ? ((ushort)0x08, (ushort)0x10) : ((ushort)0x33, (ushort)0x2B);
        registers.Cs = Segment(code, type: 0xB, level, 0);
        registers.Ss = registers.Ds = registers.Es = registers.Fs = Segment(data, type: 3, level, 0);
        registers.Gs = Segment(data, type: 3, level, gsBase);
        registers.Tr = new KvmSegment
        {
            Base = Start + DescriptorsAt + TaskAt, Limit = PortMapAt - TaskAt + PortMapBytes, Selector = 0x38, Type = 11, Present = 1,
        };
        registers.Gdt = new KvmTable { Base = Start + DescriptorsAt, Limit = (8 * 9) - 1 };
        registers.Idt = new KvmTable { Base = Start + GatesAt, Limit = (16 * ExceptionCount) - 1 };
        registers.Cr0 = 0x8001_0033; // PG, WP, NE, ET, MP, PE
        registers.Cr4 = 0x620u | (preventsInstructions ? 0x800u : 0); // OSXMMEXCPT, OSFXSR, PAE; UMIP
        registers.Cr3 = Tables.Root;
        registers.Efer = 0xD00; // NXE, LMA, LME
    }

    public void Dispose() => _memory.Dispose();

    private static KvmSegment Segment(ushort selector, byte type, byte level, ulong start)
    {
        bool isCode = (type & 8) != 0;
        return new KvmSegment
        {
            Base = start, Limit = uint.MaxValue, Selector = selector, Type = type, Present = 1, Level = level,
            CodeOrData = 1, Default32 = (byte)(isCode ? 0 : 1), Long = (byte)(isCode ? 1 : 0), Granular = 1,
        };
    }

    private void WriteDescriptors()
    {
        byte* start = _memory.All.Start + DescriptorsAt;
        var descriptors = (ulong*)start;
        descriptors[1] = SystemCode;
        descriptors[2] = SystemData;
        descriptors[5] = UserData;
        descriptors[6] = UserCode;

        byte* task = start + TaskAt;
        *(ulong*)(task + 4) = StackTop;
        *(ushort*)(task + 102) = PortMapAt - TaskAt;
        // Services and nothing else leave the guest by a port; exceptions' handlers are at level 0 and may use any.
        byte* ports = start + PortMapAt;
        new Span<byte>(ports, PortMapBytes + 1).Fill(0xFF);
        new Span<byte>(ports, ExceptionPorts / 8).Clear();
    }

    /// <summary>Each exception leaves the guest at once: the frame on the exception stack says where and why.</summary>
    private void WriteGates()
    {
        const byte OutImmediate = 0xE6, Halt = 0xF4, InterruptGate = 0x8E;
        for (int vector = 0; vector < ExceptionCount; vector++)
        {
            int handlerAt = HandlersAt + (vector * HandlerBytes);
            byte* handler = _memory.All.Start + handlerAt;
            handler[0] = OutImmediate;
            handler[1] = (byte)(ExceptionPorts + vector);
            handler[2] = Halt;

            ulong address = Start + (ulong)handlerAt;
            byte* gate = _memory.All.Start + GatesAt + (vector * 16);
            *(ushort*)gate = (ushort)address;
            *(ushort*)(gate + 2) = 0x08;
            gate[5] = InterruptGate;
            *(ushort*)(gate + 6) = (ushort)(address >> 16);
            *(uint*)(gate + 8) = (uint)(address >> 32);
        }
    }
}
