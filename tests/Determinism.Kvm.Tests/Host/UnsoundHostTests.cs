using Determinism.Kvm.Host;
using Determinism.Kvm.Interop;
using Determinism.Kvm.Vcpus;

namespace Determinism.Kvm.Tests.Host;

/// <summary>A host whose faults come too late, or in another shape, is refused, and never guessed at.</summary>
public class UnsoundHostTests
{
    private const ulong MemoryBytes = 1UL << 20;

    [Fact]
    public void An_access_to_ram_that_comes_as_one_to_a_device_is_refused()
    {
        var run = new KvmRunArea { Reason = KvmExit.Mmio, MmioAddress = MemoryBytes - 8, MmioIsWrite = 1 };
        Assert.Contains("cannot record soundly", ExitText.Describe(run, 0x400000, MemoryBytes), StringComparison.Ordinal);
        run.MmioAddress = MemoryBytes;
        Assert.Contains("no memory", ExitText.Describe(run, 0x400000, MemoryBytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1u, "could not")]
    [InlineData(3u, "internal error 3")]
    public void Internal_errors_are_told(uint error, string part)
    {
        var run = new KvmRunArea { Reason = KvmExit.InternalError, InternalError = error };
        Assert.Contains(part, ExitText.Describe(run, 0x400000, MemoryBytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Exits_that_this_machine_does_not_have_are_named_with_their_number()
    {
        foreach (KvmExit reason in (KvmExit[])[KvmExit.Shutdown, KvmExit.Port, KvmExit.Halt, (KvmExit)77])
            Assert.Contains("0x400000", ExitText.Describe(new KvmRunArea { Reason = reason }, 0x400000, MemoryBytes),
                StringComparison.Ordinal);
        Assert.Contains("77", ExitText.Describe(new KvmRunArea { Reason = (KvmExit)77 }, 0x400000, MemoryBytes),
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public void This_host_passes_the_probe_at_privilege_level_3()
    {
        OnKvm.Need();
        using KvmHost host = KvmHost.Open(OnKvm.Options.Device);
        using var probe = new HostProbe(host, OnKvm.Options, HostProbe.FindPortCompletion(host, OnKvm.Options));
        Assert.Empty(probe.FindObstacles());
    }

    [SkippableFact]
    public void At_privilege_level_0_a_forbidden_store_either_faults_exactly_or_is_refused()
    {
        OnKvm.Need();
        using var bare = new BareVcpu(OnKvm.Options with { PrivilegeLevel = 0 });
        // mov [rbx], rax; out 0x11, al.
        bare.Load(0x48, 0x89, 0x03, 0xE6, 0x11);
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.None);
        bare.Word(BareVcpu.Data) = 7;
        try
        {
            VcpuExit exit = bare.Run();
            Assert.Equal(VcpuExitKind.Fault, exit.Kind);
            Assert.Equal(BareVcpu.Code, bare.Vcpu.Registers.Rip);
        }
        catch (KvmException refused)
        {
            Assert.Contains("cannot record soundly", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(7UL, bare.Word(BareVcpu.Data));
    }

    [SkippableFact]
    public void The_probe_refuses_what_the_guest_meets_at_privilege_level_0_where_the_host_emulates_that()
    {
        OnKvm.Need();
        KvmOptions options = OnKvm.Options with { PrivilegeLevel = 0 };
        using KvmHost host = KvmHost.Open(options.Device);
        using var probe = new HostProbe(host, options, HostProbe.FindPortCompletion(host, OnKvm.Options));
        IReadOnlyList<string> obstacles = probe.FindObstacles();
        Skip.If(obstacles.Count == 0, "This host runs level 0 on the processor: nothing to refuse.");
        Assert.Contains(obstacles, text => text.Contains("cannot record soundly", StringComparison.Ordinal)
            || text.Contains("not reported exactly", StringComparison.Ordinal));
    }
}
