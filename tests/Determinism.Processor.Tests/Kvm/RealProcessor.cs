using System.Runtime.InteropServices;
using Determinism.Kvm;
using Determinism.Kvm.Host;
using Determinism.Kvm.Interop;
using Determinism.Kvm.Memory;
using Determinism.Kvm.Vcpus;
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

    // The backend itself has no use for these: it exchanges registers at the entry.
    private const nuint GetRegisters = 0x8090_AE81;
    private const nuint SetRegisters = 0x4090_AE82;

    private readonly KvmHost _host;
    private readonly SafeFileHandle _vm;
    private readonly SafeFileHandle _vcpu;
    private readonly SharedMemory _memory;
    private readonly Mapping _guestView;
    private readonly Mapping _run;
    private readonly VcpuThread _inside = new(KickSignal);
    private readonly Thread _thread;
    private readonly SemaphoreSlim _asked = new(0);
    private readonly SemaphoreSlim _answered = new(0);
    private volatile bool _quit;
    private bool _dead;
    private ulong? _start;
    private string? _failure;

    private RealProcessor()
    {
        _host = KvmHost.Open("/dev/kvm");
        _vm = _host.CreateMachine();
        _memory = new SharedMemory("guest", Layout.MemoryBytes);
        _guestView = _memory.Map();
        var region = new KvmMemoryRegion { Bytes = Layout.MemoryBytes, HostAddress = (ulong)_guestView.Start };
        SystemCall.Check(Libc.Control(_vm, KvmRequest.SetMemoryRegion, &region), "set memory");
        _vcpu = _host.CreateVcpu(_vm);
        _run = Mapping.OfFile(_vcpu, _host.RunBytes, "map the run area");
        PageTables.Write(_memory.All.Start);
        _thread = new Thread(Serve) { IsBackground = true, Name = "virtual processor" };
        _thread.Start();
    }

    public string Name => "processor";

    /// <summary>How long guest code may run.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(20);

    public byte* Memory => _memory.All.Start;

    /// <summary>Called, by the processor's thread, when the guest has made an access that <see cref="Protect"/> forbids.</summary>
    /// <remarks>It returns null to go on at the same instruction, or why not.</remarks>
    public Func<X86Registers, string?>? Forbidden { get; set; }

    /// <summary>Opens KVM.</summary>
    /// <param name="reason">Why it cannot be had.</param>
    /// <returns>The processor, or null.</returns>
    public static RealProcessor? TryOpen(out string reason)
    {
        reason = new KvmBackend(new KvmOptions()).FindObstacle() ?? "";
        return reason.Length == 0 ? new RealProcessor() : null;
    }

    public string? Run(ulong start) => Ask(start);

    /// <summary>Goes on behind the last OUT, to the next one.</summary>
    /// <returns>Null, or why the OUT was not reached.</returns>
    public string? Resume() => Ask(null);

    /// <summary>Says what the guest may do with some pages.</summary>
    public void Protect(ulong address, ulong bytes, AccessRight right)
    {
        int protection = right == AccessRight.ReadWrite ? Libc.ProtReadWrite : (int)right;
        SystemCall.Check(Libc.Protect(_guestView.Start + address, (nuint)bytes, protection), "protect memory");
    }

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
        _host.Dispose();
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
        _inside.Expel();
        throw new TimeoutException($"Guest code from {start:x} did not end within {Patience}.");
    }

    private void Serve()
    {
        _inside.Adopt(_vcpu);
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
        while (true)
        {
            if (!_inside.TryEnter())
                return "made to leave";
            int result = Libc.Control(_vcpu, KvmRequest.Run, (nuint)0);
            int error = Marshal.GetLastPInvokeError();
            _inside.Leave();
            if (result == 0)
                break;
            if (error == Libc.BadAddress && Forbidden is { } forbidden)
            {
                if (forbidden(GetState()) is { } refusal)
                    return refusal;
                continue;
            }
            if (error != Libc.Interrupted)
                return $"KVM_RUN: error {error}";
        }
        KvmExit reason = ((KvmRunArea*)_run.Start)->Reason;
        if (reason == KvmExit.Port)
            return null;
        var registers = GetState();
        return reason == KvmExit.Shutdown
            ? $"an exception at or after {registers.Rip:x}"
            : $"exit {reason} at {registers.Rip:x}";
    }

    private X86Registers GetState()
    {
        KvmRegisters r;
        SystemCall.Check(Libc.Control(_vcpu, GetRegisters, &r), "read registers");
        var registers = X86Registers.Reset;
        KvmRegisterCopy.Read(r, ref registers);
        registers.FsBase = Layout.FsBase;
        registers.GsBase = Layout.GsBase;
        return registers;
    }

    private void SetState(ulong start)
    {
        KvmSystemRegisters system;
        SystemCall.Check(Libc.Control(_vcpu, KvmRequest.GetSystemRegisters, &system), "read system registers");
        system.Cs = User(0x33, 0xB, code: true);
        system.Ss = system.Ds = system.Es = User(0x2B, 3, code: false);
        system.Fs = User(0x2B, 3, code: false, Layout.FsBase);
        system.Gs = User(0x2B, 3, code: false, Layout.GsBase);
        system.Tr = new KvmSegment { Limit = 0x67, Selector = 0x40, Type = 11, Present = 1 };
        system.Idt = system.Gdt = default;
        system.Cr0 = 0x8001_0033; // PG, WP, NE, ET, MP, PE
        system.Cr3 = PageTables.Root;
        system.Cr4 = 0x620; // OSXMMEXCPT, OSFXSR, PAE
        system.Efer = 0x500; // LMA, LME
        SystemCall.Check(Libc.Control(_vcpu, KvmRequest.SetSystemRegisters, &system), "set system registers");
        var fpu = new KvmFpu { ControlWord = 0x37F };
        SystemCall.Check(Libc.Control(_vcpu, KvmRequest.SetFpu, &fpu), "set SSE state");
        var registers = new KvmRegisters { Rip = start, Rflags = 0x3002 }; // IOPL 3
        SystemCall.Check(Libc.Control(_vcpu, SetRegisters, &registers), "set registers");
    }

    private static KvmSegment User(ushort selector, byte type, bool code, ulong @base = 0) => new()
    {
        Base = @base, Limit = uint.MaxValue, Selector = selector, Type = type, Present = 1, Level = 3, CodeOrData = 1,
        Default32 = (byte)(code ? 0 : 1), Long = (byte)(code ? 1 : 0), Granular = 1,
    };
}
