using System.Runtime.InteropServices;
using Determinism.Kvm.Host;
using Determinism.Kvm.Interop;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Host;

/// <summary>Whatever is missing is said, with what would help.</summary>
public class AvailabilityTests
{
    [SkippableTheory]
    [InlineData("/dev/there-is-no-such-device", "There is no")]
    [InlineData("/dev/null", "is not KVM")]
    public void A_device_that_is_not_there_or_is_not_Kvm_is_told(string device, string reason)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Devices are Linux's.");
        var backend = new KvmBackend(OnKvm.Options with { Device = device });
        Assert.Contains(reason, backend.FindObstacle(), StringComparison.Ordinal);
        var error = Assert.Throws<KvmUnavailableException>(
            () => backend.Create(MachineRunner.Configure("hello", 1, ClockKind.SoftwareCounter)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Libc.AccessDenied, "permission")]
    [InlineData(Libc.NotPermitted, "permission")]
    [InlineData(Libc.NoDevice, "kvm_amd or kvm_intel")]
    [InlineData(Libc.Busy, "another hypervisor")]
    [InlineData(Libc.NoMemory, "error 12")]
    public void Each_error_of_opening_has_its_sentence(int error, string part) =>
        Assert.Contains(part, KvmHost.DescribeOpenError("/dev/kvm", error), StringComparison.Ordinal);

    [Fact]
    public void Other_systems_and_architectures_are_told_apart()
    {
        Assert.Null(KvmHost.FindWrongPlatform(true, Architecture.X64));
        Assert.Contains("Linux", KvmHost.FindWrongPlatform(false, Architecture.X64), StringComparison.Ordinal);
        Assert.Contains("Arm64", KvmHost.FindWrongPlatform(true, Architecture.Arm64), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_capability_is_named()
    {
        Assert.Null(KvmHost.FindMissing(_ => 1));
        Assert.Contains("ImmediateExit (capability 136)",
            KvmHost.FindMissing(capability => capability == KvmCapability.ImmediateExit ? 0 : 7), StringComparison.Ordinal);
        // It is there, but not for the general registers.
        Assert.Contains("SyncRegisters",
            KvmHost.FindMissing(capability => capability == KvmCapability.SyncRegisters ? 2 : 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KvmBackend(OnKvm.Options with { KickSignal = 9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KvmBackend(OnKvm.Options with { MostPieces = 1 }));
        Assert.Throws<ArgumentException>(() => new KvmBackend(OnKvm.Options with { Device = "" }));
        Assert.Throws<ArgumentNullException>(() => new KvmBackend(null!));
    }

    [SkippableFact]
    public void A_machine_without_room_for_its_control_pages_is_refused()
    {
        OnKvm.Need();
        MachineConfiguration small = MachineRunner.Configure("hello", 1, ClockKind.SoftwareCounter)
            with { MemoryBytes = 1UL << 20 };
        Assert.Throws<MachineRefusedException>(() => OnKvm.Backend.Create(small));
    }
}
