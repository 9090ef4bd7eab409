using Determinism.Kvm.Tables;
using Determinism.Kvm.Host;
using Determinism.Kvm.Interop;
using Determinism.Kvm.Vcpus;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Host;

/// <summary>Hosts that are broken on purpose: the probe finds it, and devices that are none leave nothing behind.</summary>
public sealed class BrokenHostTests : IDisposable
{
    private readonly KvmHost? _host;
    private readonly HostProbe? _probe;

    public BrokenHostTests()
    {
        if (OnKvm.Backend.FindObstacle() is not null)
            return;
        _host = KvmHost.Open(OnKvm.Options.Device);
        _probe = new HostProbe(_host, OnKvm.Options, HostProbe.FindPortCompletion(_host, OnKvm.Options));
    }

    [SkippableFact]
    public void A_clock_that_stops_elsewhere_or_counts_otherwise_is_found()
    {
        OnKvm.Need();
        // The guest looks for its limit in a page where the VMM does not write it: each poll traps.
        _probe!.Vcpu.Registers.GsBase = GuestLayout.ControlPageOf(1);
        IReadOnlyList<string> obstacles = _probe.FindObstacles();
        Assert.Equal(["A poll trapped at 1 instead of 500.", "The poll counter shows 2 after 1000 polls."], obstacles);
    }

    [SkippableFact]
    public void A_fault_that_comes_in_another_shape_is_found_for_each_access_that_meets_it()
    {
        OnKvm.Need();
        // Where the guest's tables forbid writing, stores raise an exception; loads do not care.
        _probe!.Vcpu.Root = _probe.Area.Tables.RootWith(
            [new MemoryAccess(GuestLayout.Image + 0x1000, 0x1000, AccessRight.Read)]);
        IReadOnlyList<string> obstacles = _probe.FindObstacles();
        Assert.Collection(obstacles, Is("store"), Is("locked increment"), Is("locked exchange-and-add"));

        static Action<string> Is(string access) => text => Assert.StartsWith(
            $"A forbidden {access} is not reported exactly (", text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void An_exception_at_another_level_is_refused_and_no_stack_is_guessed_at()
    {
        OnKvm.Need();
        using var bare = new BareVcpu(OnKvm.Options with { PrivilegeLevel = 0 });
        bare.Load(0x0F, 0x0B);
        var error = Assert.Throws<KvmException>(() => bare.Run());
        Assert.Contains("Exception 6 was raised at another privilege level", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Input_from_a_port_is_refused()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        bare.Load(0xE4, 0x11);
        var error = Assert.Throws<KvmException>(() => bare.Run());
        Assert.Contains("1 port accesses of 1 bytes", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void An_out_is_retired_once_whoever_finishes_it(bool completesPorts)
    {
        OnKvm.Need();
        using var memory = new Kvm.Memory.SharedMemory("test", BareVcpu.MemoryBytes);
        using var area = new SystemArea(BareVcpu.MemoryBytes, [new CodeSpan(BareVcpu.Code, 0x1000)]);
        var view = new Kvm.Memory.VcpuView(memory, pageShift: 12, mostPieces: 64);
        view.SetAll(AccessRight.ReadWrite);
        using var vcpu = new KvmVcpu(_host!, memory, view, area, GuestLayout.ControlPages, OnKvm.Options, completesPorts);
        // out 0x11, al; inc rax; out 0x12, al.
        byte[] code = [0xE6, 0x11, 0x48, 0xFF, 0xC0, 0xE6, 0x12];
        code.CopyTo(new Span<byte>(memory.All.Start + BareVcpu.Code, code.Length));
        vcpu.Registers.Rip = BareVcpu.Code;
        bool isFinishedByKvm = !HostProbe.FindPortCompletion(_host!, OnKvm.Options);
        Skip.IfNot(isFinishedByKvm || completesPorts, "This host leaves an OUT to be finished.");
        Assert.Equal(new VcpuExit(VcpuExitKind.Port, Port: 0x11), vcpu.Run());
        Assert.Equal(BareVcpu.Code + 2, vcpu.Registers.Rip);
        Assert.Equal(new VcpuExit(VcpuExitKind.Port, Port: 0x12), vcpu.Run());
        Assert.Equal((1UL, BareVcpu.Code + 7), (vcpu.Registers.Gpr[0], vcpu.Registers.Rip));
    }

    [SkippableFact]
    public void A_file_that_is_no_device_and_a_folder_are_told_and_nothing_stays_open()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Devices are Linux's.");
        string file = Path.GetTempFileName();
        try
        {
            var ofFile = new KvmBackend(OnKvm.Options with { Device = file });
            var ofFolder = new KvmBackend(OnKvm.Options with { Device = Path.GetTempPath() });
            Assert.Equal($"{file} is not KVM.", ofFile.FindObstacle());
            Assert.Contains("cannot be opened", ofFolder.FindObstacle(), StringComparison.Ordinal);
            int before = Directory.GetFiles("/proc/self/fd").Length;
            for (int time = 0; time < 50; time++)
                Assert.NotNull(ofFile.FindObstacle());
            Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 10);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Every_capability_that_is_missing_is_named_and_nothing_else()
    {
        KvmCapability[] needed =
        [
            KvmCapability.UserMemory, KvmCapability.ExtendedCpuid, KvmCapability.SyncRegisters, KvmCapability.ImmediateExit,
        ];
        foreach (KvmCapability missing in needed)
        {
            string? text = KvmHost.FindMissing(capability => capability == missing ? 0 : 1);
            Assert.All(needed, capability => Assert.Equal(
                capability == missing, text!.Contains($"{capability} (capability {(int)capability})", StringComparison.Ordinal)));
        }
        string? all = KvmHost.FindMissing(_ => -1);
        Assert.All(needed, capability => Assert.Contains($"{capability}", all, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _probe?.Dispose();
        _host?.Dispose();
    }
}
