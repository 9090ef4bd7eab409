using System.Globalization;
using Determinism.Kvm.Host;
using Determinism.Kvm.Interop;
using Determinism.Kvm.Tables;
using Determinism.Kvm.Vcpus;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Memory;

/// <summary>The tables that all vCPUs share are writable, and nobody writes them; who does is found.</summary>
public unsafe class SharedTablesTests
{
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;
    private const ulong Accessed = 0x20, Dirty = 0x40;
    private const ulong UserData = 0x1000 + (5 * 8);

    // mov [rbx], rax; out 0x11, al.
    private static readonly byte[] s_store = [0x48, 0x89, 0x03, 0xE6, 0x11];

    // mov eax, 0x2B; mov ds, eax; out 0x11, al.
    private static readonly byte[] s_loadSegment = [0xB8, 0x2B, 0x00, 0x00, 0x00, 0x8E, 0xD8, 0xE6, 0x11];

    [SkippableTheory]
    [InlineData(0x1008)]
    [InlineData(0x2000)]
    [InlineData(0x3FFF)]
    [InlineData(0x4000)]
    [InlineData(0x70_0123)]
    public void A_byte_that_changes_is_found_also_where_there_was_nothing(int at)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Memory that is mapped twice is Linux's.");
        using var area = new SystemArea(BareVcpu.MemoryBytes, [new CodeSpan(BareVcpu.Code, 0x1000)]);
        using Mapping other = area.Map();
        AreaWatch watch = area.Watch();
        Assert.Null(watch.FindChange());
        byte before = other.Start[at];
        other.Start[at] ^= 0x20;
        Assert.Equal(Change((ulong)at, before, (byte)(before ^ 0x20)), watch.FindChange());
        other.Start[at] ^= 0x20;
        Assert.Null(watch.FindChange());
    }

    [SkippableFact]
    public void Neither_accesses_nor_faults_exceptions_segments_published_code_or_an_open_view_write_them()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        AreaWatch watch = bare.Area.Watch();
        Run(bare, VcpuExitKind.Port, s_store);
        Run(bare, VcpuExitKind.Port, s_loadSegment);
        Run(bare, VcpuExitKind.Exception, [0x0F, 0x0B]);
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.None);
        Run(bare, VcpuExitKind.Fault, s_store);
        Assert.Null(watch.FindChange());

        MemoryAccess[] published = [new(BareVcpu.Data, 0x1000, AccessRight.Read)];
        bare.Vcpu.Root = bare.Area.Tables.RootWith(published);
        bare.Vcpu.OpenRoot = bare.Area.OpenTables.RootWith(published);
        watch = bare.Area.Watch();
        Run(bare, VcpuExitKind.Exception, s_store);
        bare.Vcpu.View.SetRights(0, BareVcpu.MemoryBytes >> 12, AccessRight.ReadWrite);
        Run(bare, VcpuExitKind.Exception, s_store);
        bare.Load(s_store);
        bare.Vcpu.Registers.Gpr[3] += 0x1000;
        Assert.Equal(VcpuExitKind.Port, bare.Run().Kind);
        Assert.Null(watch.FindChange());
    }

    // Whether it is written depends on the host: one that runs guests without the processor's help may keep descriptors of its own.
    [SkippableFact]
    public void A_descriptor_that_was_not_accessed_yet_is_found_if_it_is_written()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        using Mapping area = bare.Area.Map();
        ref byte access = ref area.Start[UserData + 5];
        access &= 0xFE;
        AreaWatch watch = bare.Area.Watch();
        Run(bare, VcpuExitKind.Port, s_loadSegment);
        Assert.Equal(access == 0xF2 ? null : Change(UserData + 5, 0xF2, 0xF3), watch.FindChange());
        access = 0xF3;
        Assert.Equal(Change(UserData + 5, 0xF2, 0xF3), watch.FindChange());
    }

    [SkippableTheory]
    [InlineData(false, 3, Accessed)]
    [InlineData(false, 1, Accessed)]
    [InlineData(false, 0, Accessed)]
    [InlineData(false, 0, Dirty)]
    [InlineData(true, 3, Accessed)]
    [InlineData(true, 0, Dirty)]
    public void An_entry_that_lacks_a_bit_is_written_and_the_preflight_refuses(bool isOpen, int level, ulong bit)
    {
        OnKvm.Need();
        using KvmHost host = KvmHost.Open(OnKvm.Options.Device);
        using var probe = new HostProbe(host, OnKvm.Options, HostProbe.FindPortCompletion(host, OnKvm.Options));
        using Mapping area = probe.Area.Map();
        ulong table = isOpen ? probe.Area.OpenTables.Root : probe.Area.Tables.Root;
        ulong* entry = EntryOf(GuestLayout.Image + 0x1000);
        *entry &= ~bit;
        byte before = (byte)*entry;
        string refusal = Assert.Single(probe.FindObstacles());
        Assert.Contains("wrote to the page tables and descriptors that all vCPUs share", refusal, StringComparison.Ordinal);
        Assert.Contains(Change((ulong)((byte*)entry - area.Start), before, (byte)(before | bit)), refusal, StringComparison.Ordinal);

        ulong* EntryOf(ulong address)
        {
            for (int above = 3; ; above--)
            {
                var at = (ulong*)(area.Start + (table - probe.Area.Start)) + ((address >> (12 + (9 * above))) & 511);
                if (above == level)
                    return at;
                table = *at & AddressMask;
            }
        }
    }

    private static void Run(BareVcpu bare, VcpuExitKind kind, ReadOnlySpan<byte> code)
    {
        bare.Load(code);
        Assert.Equal(kind, bare.Run().Kind);
    }

    private static string Change(ulong at, byte before, byte after) =>
        string.Create(CultureInfo.InvariantCulture, $"byte 0x{at:X} was 0x{before:X2} and is 0x{after:X2}");
}
