using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Determinism.Kvm.Interop;
using Microsoft.Win32.SafeHandles;

namespace Determinism.Kvm.Host;

/// <summary>The opened KVM device, known to have what this backend needs.</summary>
internal sealed unsafe class KvmHost : IDisposable
{
    private const int ApiVersion = 12;
    private const ulong GeneralRegisters = 1;

    private static readonly KvmCapability[] s_needed =
    [
        KvmCapability.UserMemory, KvmCapability.ExtendedCpuid, KvmCapability.SyncRegisters, KvmCapability.ImmediateExit,
    ];

    private readonly SafeFileHandle _device;
    private readonly KvmCpuid _cpuid;

    private KvmHost(SafeFileHandle device, ulong runBytes)
    {
        _device = device;
        RunBytes = runBytes;
        _cpuid.Count = KvmCpuid.Capacity;
        fixed (KvmCpuid* cpuid = &_cpuid)
            SystemCall.Check(Libc.Control(device, KvmRequest.GetSupportedCpuid, cpuid), "ask KVM for processor features");
    }

    /// <summary>Bytes of the page that a vCPU and its owner share, and more.</summary>
    public ulong RunBytes { get; }

    /// <summary>Whether SGDT and its like can be made to fault at privilege level 3; the load check refuses them anyway.</summary>
    public bool HasInstructionPrevention
    {
        get
        {
            const uint Features = 7, Prevention = 1 << 2;
            for (int index = 0; index < _cpuid.Count; index++)
            {
                KvmCpuid.Leaf leaf = _cpuid.Leaves[index];
                if (leaf.Function == Features && leaf.Index == 0)
                    return (leaf.Ecx & Prevention) != 0;
            }
            return false;
        }
    }

    /// <summary>Opens KVM.</summary>
    /// <exception cref="KvmUnavailableException">It is not there, or not what is needed.</exception>
    public static KvmHost Open(string path)
    {
        if (FindWrongPlatform(OperatingSystem.IsLinux(), RuntimeInformation.ProcessArchitecture) is { } wrong)
            throw new KvmUnavailableException(wrong);
        int descriptor = Libc.Open(path, Libc.ReadWriteCloseOnExec);
        if (descriptor < 0)
            throw new KvmUnavailableException(DescribeOpenError(path, Marshal.GetLastPInvokeError()));
        var device = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            int version = Libc.Control(device, KvmRequest.GetApiVersion, (nuint)0);
            if (version != ApiVersion)
                throw new KvmUnavailableException(version < 0
                    ? $"{path} is not KVM."
                    : $"{path} speaks version {version} of KVM's interface; {ApiVersion} is needed.");
            if (FindMissing(capability => Libc.Control(device, KvmRequest.CheckExtension, (nuint)capability)) is { } missing)
                throw new KvmUnavailableException(missing);
            int bytes = SystemCall.Check(Libc.Control(device, KvmRequest.GetRunBytes, (nuint)0), "ask for KVM's run area");
            return new KvmHost(device, (ulong)bytes);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Why no KVM of this kind can be here; null if it can.</summary>
    internal static string? FindWrongPlatform(bool isLinux, Architecture architecture) => (isLinux, architecture) switch
    {
        (false, _) => "KVM exists on Linux only. The managed machine runs everywhere.",
        (true, Architecture.X64) => null,
        _ => $"This backend drives x86-64 KVM; this process is {architecture}. The managed machine runs everywhere.",
    };

    internal static string DescribeOpenError(string path, int error) => error switch
    {
        Libc.NoEntry => $"There is no {path}: the kernel has no KVM, or the machine (or container) was not given it.",
        Libc.NoDevice => $"{path} leads to no driver: load kvm_amd or kvm_intel, and switch virtualisation on.",
        Libc.AccessDenied or Libc.NotPermitted =>
            $"No permission to open {path} for reading and writing: join the group kvm, or ask for access to it.",
        Libc.Busy => $"{path} is busy: another hypervisor holds the processor's virtualisation.",
        _ => $"{path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)} (error {error}).",
    };

    /// <summary>What KVM lacks, as a sentence; null if nothing.</summary>
    internal static string? FindMissing(Func<KvmCapability, int> check)
    {
        var missing = s_needed.Where(capability => check(capability) <= 0).ToList();
        if (missing.Count == 0 && (check(KvmCapability.SyncRegisters) & (int)GeneralRegisters) == 0)
            missing.Add(KvmCapability.SyncRegisters);
        return missing.Count == 0 ? null : "This kernel's KVM is too old: it lacks "
            + string.Join(", ", missing.Select(capability => $"{capability} (capability {(int)capability})")) + ".";
    }

    /// <summary>The processor, as far as it decides what a guest computes.</summary>
    public static string DescribeProcessor()
    {
        (_, int b, int c, int d) = X86Base.CpuId(0, 0);
        Span<byte> vendor = stackalloc byte[12];
        MemoryMarshal.Write(vendor, b);
        MemoryMarshal.Write(vendor[4..], d);
        MemoryMarshal.Write(vendor[8..], c);
        (int a, _, _, _) = X86Base.CpuId(1, 0);
        return $"x86-64 {System.Text.Encoding.ASCII.GetString(vendor)} 0x{a:X8}";
    }

    public SafeFileHandle CreateMachine() =>
        Own(Libc.Control(_device, KvmRequest.CreateVm, (nuint)0), "create a virtual machine");

    public SafeFileHandle CreateVcpu(SafeFileHandle machine)
    {
        SafeFileHandle vcpu = Own(Libc.Control(machine, KvmRequest.CreateVcpu, (nuint)0), "create a vCPU");
        try
        {
            fixed (KvmCpuid* cpuid = &_cpuid)
                SystemCall.Check(Libc.Control(vcpu, KvmRequest.SetCpuid, cpuid), "set the vCPU's features");
            return vcpu;
        }
        catch
        {
            vcpu.Dispose();
            throw;
        }
    }

    public void Dispose() => _device.Dispose();

    private static SafeFileHandle Own(int descriptor, string what) =>
        new(SystemCall.Check(descriptor, what), ownsHandle: true);
}
