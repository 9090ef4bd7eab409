using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Determinism.ProcessorTests.Comparison;
using Determinism.X86;
using Microsoft.Win32.SafeHandles;

namespace Determinism.ProcessorTests.Kvm;

/// <summary>The processor of this computer, at privilege level 3 in a virtual machine of its own.</summary>
/// <remarks>
/// The virtual processor has a thread of its own and a watchdog: guest code that does not end within
/// <see cref="Patience"/> is kicked out, and the machine is of no use from then on.
/// </remarks>
internal sealed unsafe class RealProcessor : IProcessor, IDisposable
{
    private const int KickSignal = 45;

    private readonly SafeFileHandle _vm;
    private readonly SafeFileHandle _vcpu;
    private readonly SafeFileHandle _file;
    private readonly Mapping _memory;
    private readonly Mapping _guestView;
    private readonly Mapping _run;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _asked = new(0);
    private readonly SemaphoreSlim _answered = new(0);
    private volatile bool _quit;
    private volatile int _threadId;
    private bool _dead;
    private ulong? _start;
    private string? _failure;

    private RealProcessor(SafeFileHandle kvm)
    {
        _vm = Descriptor(kvm, Kvm.CreateVm, 0, "create a machine");
        _file = new SafeFileHandle(Check(Libc.CreateMemory("guest", Libc.CloseOnExec), "create memory"), ownsHandle: true);
        Check(Libc.SetLength(_file, (nint)Layout.MemoryBytes), "give memory its size");
        _memory = Mapping.Shared(_file, (nuint)Layout.MemoryBytes);
        _guestView = Mapping.Shared(_file, (nuint)Layout.MemoryBytes);
        var region = new KvmMemoryRegion { Bytes = Layout.MemoryBytes, HostAddress = (ulong)_guestView.Start };
        Check(Libc.Control(_vm, Kvm.SetMemoryRegion, &region), "set memory");
        _vcpu = Descriptor(_vm, Kvm.CreateVcpu, 0, "create a processor");
        var runBytes = (nuint)Check(Libc.Control(kvm, Kvm.GetRunBytes, 0), "ask for the size of the run area");
        _run = Mapping.Shared(_vcpu, runBytes);
        CopyCpuid(kvm);
        PageTables.Write(_memory.Start);
        _thread = new Thread(Serve) { IsBackground = true, Name = "virtual processor" };
        _thread.Start();
    }

    public string Name => "processor";

    /// <summary>How long guest code may run.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(20);

    public byte* Memory => _memory.Start;

    /// <summary>Called, by the processor's thread, when the guest has made an access that <see cref="Protect"/> forbids.</summary>
    /// <remarks>It returns null to go on at the same instruction, or why not.</remarks>
    public Func<X86Registers, string?>? Forbidden { get; set; }

    /// <summary>Opens KVM.</summary>
    /// <param name="reason">Why it cannot be had.</param>
    /// <returns>The processor, or null.</returns>
    public static RealProcessor? TryOpen(out string reason)
    {
        reason = "";
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            reason = "KVM for x86-64 exists on Linux on x86-64 only";
            return null;
        }
        var descriptor = Libc.Open("/dev/kvm", Libc.ReadWriteCloseOnExec);
        if (descriptor < 0)
        {
            reason = $"/dev/kvm cannot be opened: error {Marshal.GetLastPInvokeError()}";
            return null;
        }
        using var kvm = new SafeFileHandle(descriptor, ownsHandle: true);
        return new RealProcessor(kvm);
    }

    public string? Run(ulong start) => Ask(start);

    /// <summary>Goes on behind the last OUT, to the next one.</summary>
    /// <returns>Null, or why the OUT was not reached.</returns>
    public string? Resume() => Ask(null);

    /// <summary>Says what the guest may do with some pages.</summary>
    public void Protect(ulong address, ulong bytes, AccessRight right) => _guestView.Protect(address, bytes, right);

    public void Dispose()
    {
        _dead = true;
        _quit = true;
        _asked.Release();
        if (!_thread.Join(TimeSpan.FromSeconds(20)))
            return; // Its machine is still in use: the end of the process has to clean up.
        _run.Dispose();
        _vcpu.Dispose();
        _vm.Dispose();
        _guestView.Dispose();
        _memory.Dispose();
        _file.Dispose();
        _asked.Dispose();
        _answered.Dispose();
    }

    private string? Ask(ulong? start)
    {
        ObjectDisposedException.ThrowIf(_dead, this);
        _start = start;
        _asked.Release();
        if (_answered.Wait(Patience))
            return _failure;
        _dead = true;
        _run.Start[1] = 1; // immediate_exit: also stops an entry that has not happened yet
        _ = Libc.Kill(Environment.ProcessId, _threadId, KickSignal);
        throw new TimeoutException($"Guest code from {start:x} did not end within {Patience}.");
    }

    private void Serve()
    {
        _threadId = Libc.ThreadId();
        // Blocked for the thread and let in while it is in KVM_RUN, the signal ends that call and never finds a handler.
        var kick = 1UL << (KickSignal - 1);
        ulong old;
        var set = stackalloc ulong[16]; // glibc's sigset_t
        set[0] = kick;
        var before = stackalloc ulong[16];
        _ = Libc.ChangeSignalMask(Libc.BlockSignals, set, before);
        old = before[0] & ~kick;
        var mask = stackalloc byte[12];
        Unsafe.WriteUnaligned(mask, 8u);
        Unsafe.WriteUnaligned(mask + 4, old);
        Check(Libc.Control(_vcpu, Kvm.SetSignalMask, mask), "set the signal mask");
        while (true)
        {
            _asked.Wait();
            if (_quit)
                return;
            _failure = RunHere(_start);
            _answered.Release();
        }
    }

    private string? RunHere(ulong? start)
    {
        if (start is { } address)
            SetState(address);
        while (Libc.Control(_vcpu, Kvm.Run, 0) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Libc.BadAddress && Forbidden is { } forbidden)
            {
                if (forbidden(GetState()) is { } refusal)
                    return refusal;
                continue;
            }
            if (error != Libc.Interrupted)
                return $"KVM_RUN: error {error}";
            if (_run.Start[1] != 0)
                return "kicked out";
        }
        var reason = *(uint*)(_run.Start + 8);
        if (reason == Kvm.ExitIo)
            return null;
        var registers = GetState();
        return reason == Kvm.ExitShutdown
            ? $"an exception at or after {registers.Rip:x}"
            : $"exit reason {reason} at {registers.Rip:x}";
    }

    private X86Registers GetState()
    {
        KvmRegisters r;
        Check(Libc.Control(_vcpu, Kvm.GetRegisters, &r), "read registers");
        var registers = X86Registers.Reset;
        ReadOnlySpan<ulong> values =
        [
            r.Rax, r.Rcx, r.Rdx, r.Rbx, r.Rsp, r.Rbp, r.Rsi, r.Rdi, r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15,
        ];
        values.CopyTo(registers.Gpr);
        registers.Rip = r.Rip;
        registers.Rflags = r.Rflags;
        registers.FsBase = Layout.FsBase;
        registers.GsBase = Layout.GsBase;
        return registers;
    }

    private void SetState(ulong start)
    {
        KvmSystemRegisters system;
        Check(Libc.Control(_vcpu, Kvm.GetSystemRegisters, &system), "read system registers");
        system.Cs = KvmSegment.User(0x33, 0xB, code: true);
        system.Ss = system.Ds = system.Es = KvmSegment.User(0x2B, 3, code: false);
        system.Fs = KvmSegment.User(0x2B, 3, code: false, Layout.FsBase);
        system.Gs = KvmSegment.User(0x2B, 3, code: false, Layout.GsBase);
        system.Tr = new KvmSegment { Limit = 0x67, Selector = 0x40, Type = 11, Present = 1 };
        system.Idt = system.Gdt = default;
        system.Cr0 = 0x8001_0033; // PG, WP, NE, ET, MP, PE
        system.Cr3 = PageTables.Root;
        system.Cr4 = 0x620; // OSXMMEXCPT, OSFXSR, PAE
        system.Efer = 0x500; // LMA, LME
        Check(Libc.Control(_vcpu, Kvm.SetSystemRegisters, &system), "set system registers");
        var fpu = new KvmFpu { ControlWord = 0x37F, Mxcsr = 0x1F80 };
        Check(Libc.Control(_vcpu, Kvm.SetFpu, &fpu), "set SSE state");
        var registers = new KvmRegisters { Rip = start, Rflags = 0x3002 }; // IOPL 3
        Check(Libc.Control(_vcpu, Kvm.SetRegisters, &registers), "set registers");
    }

    private void CopyCpuid(SafeFileHandle kvm)
    {
        const int entries = 256;
        var cpuid = new uint[2 + (entries * 10)];
        cpuid[0] = entries;
        fixed (uint* p = cpuid)
        {
            Check(Libc.Control(kvm, Kvm.GetSupportedCpuid, p), "ask for features");
            Check(Libc.Control(_vcpu, Kvm.SetCpuid, p), "set features");
        }
    }

    private static SafeFileHandle Descriptor(SafeFileHandle file, nuint request, nuint argument, string what) =>
        new(Check(Libc.Control(file, request, argument), what), ownsHandle: true);

    private static int Check(int result, string what) =>
        result >= 0 ? result : throw new IOException($"KVM: cannot {what}: error {Marshal.GetLastPInvokeError()}");
}
