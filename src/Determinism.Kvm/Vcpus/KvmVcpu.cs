using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Determinism.Kvm.Host;
using Determinism.Kvm.Interop;
using Determinism.Kvm.Memory;
using Determinism.Kvm.Tables;
using Determinism.X86;
using Microsoft.Win32.SafeHandles;

namespace Determinism.Kvm.Vcpus;

/// <summary>One vCPU in a virtual machine of its own, over its own view of the shared memory: so that its rights are its
/// own on a stock kernel.</summary>
/// <remarks>Everything but <see cref="Thread"/> belongs to the thread that runs it, or, while it does not run, to whoever
/// its owner says.</remarks>
internal sealed unsafe class KvmVcpu : IDisposable
{
    private const ulong GeneralRegisters = 1;
    private const byte PortOut = 1;
    private const int PageFault = 14;

    // SS, RSP, RFLAGS, CS, RIP.
    private const ulong FrameBytes = 5 * sizeof(ulong);

    private readonly List<IDisposable> _owned = [];
    private readonly SafeFileHandle _machine;
    private readonly SafeFileHandle _vcpu;
    private readonly nint _descriptor;
    private readonly KvmRunArea* _run;
    private readonly SystemArea _area;
    private readonly Mapping _stack;
    private readonly byte* _memory;
    private readonly bool _completesPorts;
    private KvmSystemRegisters _system;
    private X86Registers _registers = X86Registers.Reset;
    private X86Registers _known = X86Registers.Reset;
    private bool _isXmmKnown = true;
    private bool _mustSetSystem;
    private bool _hasOpenSlot;

    /// <summary>Creates it, at privilege level 3, with all registers reset.</summary>
    /// <param name="host">KVM.</param>
    /// <param name="memory">The memory that all vCPUs share.</param>
    /// <param name="view">What it sees of memory; disposed with it.</param>
    /// <param name="area">The machine's system area.</param>
    /// <param name="gsBase">The base of GS.</param>
    /// <param name="options">The signal for kicks.</param>
    /// <param name="completesPorts">Whether this host leaves an OUT to be finished by the next entry.</param>
    public KvmVcpu(KvmHost host, SharedMemory memory, VcpuView view, SystemArea area, ulong gsBase, KvmOptions options,
        bool completesPorts)
    {
        View = view;
        _memory = memory.All.Start;
        _area = area;
        _completesPorts = completesPorts;
        Thread = new VcpuThread(options.KickSignal);
        _owned.Add(view);
        try
        {
            SafeFileHandle machine = _machine = Own(host.CreateMachine());
            _stack = Own(Mapping.Anonymous(SystemArea.Page, "map an exception stack"));
            Mapping system = Own(area.Map());
            SetSlot(machine, 0, 0, view.Bytes, view.Start);
            SetSlot(machine, 1, area.Start, SystemArea.Page, _stack.Start);
            SetSlot(machine, 2, area.SharedStart, area.SharedBytes, system.Start + SystemArea.Page);
            _vcpu = Own(host.CreateVcpu(machine));
            _descriptor = _vcpu.DangerousGetHandle();
            Mapping run = Own(Mapping.OfFile(_vcpu, host.RunBytes, "map the vCPU's run area"));
            _run = (KvmRunArea*)run.Start;
            _run->ValidRegisters = GeneralRegisters;
            Reset(gsBase, options.PrivilegeLevel, host.HasInstructionPrevention);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>What it sees of memory.</summary>
    public VcpuView View { get; }

    /// <summary>Who is inside, and how to get it out.</summary>
    public VcpuThread Thread { get; }

    /// <summary>Whether it was disposed of while it did not leave the guest: what it uses must stay.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>The root of the page tables that it enters with, if its view is not open.</summary>
    public ulong Root { get; set; }

    /// <summary>That of those that it enters with if its view is open.</summary>
    public ulong OpenRoot { get; set; }

    /// <summary>Its registers, to read and to change while it is outside. The XMM registers are fetched late: what is here
    /// is theirs only after <see cref="ReadXmm"/>.</summary>
    public ref X86Registers Registers => ref _registers;

    /// <summary>Fetches the XMM registers, if that has not been done since the vCPU ran.</summary>
    /// <remarks>Not MXCSR, which KVM leaves out of KVM_GET_FPU and KVM_SET_FPU: no guest may change its control bits, and
    /// none can read its status.</remarks>
    public void ReadXmm()
    {
        if (_isXmmKnown)
            return;
        KvmFpu fpu;
        SystemCall.Check(Libc.Control(_vcpu, KvmRequest.GetFpu, &fpu), "read a vCPU's XMM registers");
        _registers.Xmm = _known.Xmm = fpu.Xmm;
        _isXmmKnown = true;
    }

    /// <summary>Code bytes, past all rights; as many as there are.</summary>
    public ReadOnlySpan<byte> ReadCode(ulong address, int most)
    {
        ulong count = address < View.Bytes ? Math.Min((ulong)most, View.Bytes - address) : 0;
        return new ReadOnlySpan<byte>(_memory + address, (int)count);
    }

    /// <summary>Runs until it leaves the guest.</summary>
    /// <exception cref="KvmException">The host did what cannot be gone on from soundly.</exception>
    public VcpuExit Run()
    {
        Thread.Adopt(_vcpu);
        if (!Thread.TryEnter())
            return new VcpuExit(VcpuExitKind.Host);
        int error = Enter();
        if (error == 0 && _run->Reason == KvmExit.Port && _completesPorts)
            CompletePort();
        _run->DirtyRegisters = 0;
        KvmRegisterCopy.Read(_run->Registers, ref _registers);
        _known = _registers;
        _isXmmKnown = false;
        return error switch
        {
            0 => Explain(),
            Libc.BadAddress => new VcpuExit(VcpuExitKind.Fault,
                Address: _run->Reason == KvmExit.MemoryFault ? _run->FaultAddress % _area.OpenStart : 0),
            Libc.Interrupted or Libc.TryAgain => Interrupted(),
            _ => throw new KvmException(
                $"KVM_RUN failed at {Where}: {Marshal.GetPInvokeErrorMessage(error)} (error {error})."),
        };
    }

    /// <summary>Enters the guest, and comes back with the error of KVM_RUN, or 0.</summary>
    private int Enter()
    {
        try
        {
            Prepare();
            _run->Reason = KvmExit.Unknown;
            return Libc.Control(_descriptor, KvmRequest.Run, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        finally
        {
            Thread.Leave();
        }
    }

    /// <summary>Gives back what it holds. Whoever is still inside uses that: then the end of the process has to clean
    /// up.</summary>
    public void Dispose()
    {
        Thread.Expel();
        IsAbandoned = !Thread.WaitUntilOutside(TimeSpan.FromSeconds(5));
        if (!IsAbandoned)
            Release();
    }

    private string Where => string.Create(CultureInfo.InvariantCulture, $"0x{_registers.Rip:X}");

    private static void SetSlot(SafeFileHandle machine, uint slot, ulong address, ulong bytes, byte* start)
    {
        var region = new KvmMemoryRegion { Slot = slot, GuestAddress = address, Bytes = bytes, HostAddress = (ulong)start };
        SystemCall.Check(Libc.Control(machine, KvmRequest.SetMemoryRegion, &region), "give a vCPU its memory");
    }

    private T Own<T>(T handle)
        where T : IDisposable
    {
        _owned.Add(handle);
        return handle;
    }

    private void Release()
    {
        for (int index = _owned.Count - 1; index >= 0; index--)
            _owned[index].Dispose();
        _owned.Clear();
    }

    private void Reset(ulong gsBase, byte level, bool preventsInstructions)
    {
        fixed (KvmSystemRegisters* system = &_system)
            SystemCall.Check(Libc.Control(_vcpu, KvmRequest.GetSystemRegisters, system), "read a vCPU's system registers");
        Root = _area.Tables.Root;
        OpenRoot = _area.OpenTables.Root;
        _area.SetMode(ref _system, gsBase, level, preventsInstructions);
        SetSystemRegisters();
        var fpu = new KvmFpu { ControlWord = 0x37F };
        SystemCall.Check(Libc.Control(_vcpu, KvmRequest.SetFpu, &fpu), "set a vCPU's XMM registers");
        _run->DirtyRegisters = GeneralRegisters;
        KvmRegisterCopy.Write(_registers, ref _run->Registers);
        _registers.GsBase = _known.GsBase = gsBase;
    }

    private void SetSystemRegisters()
    {
        fixed (KvmSystemRegisters* system = &_system)
            SystemCall.Check(Libc.Control(_vcpu, KvmRequest.SetSystemRegisters, system), "set a vCPU's system registers");
    }

    /// <summary>Carries over to the vCPU what has changed since it left.</summary>
    private void Prepare()
    {
        ulong root = View.IsOpen ? OpenRoot : Root;
        if (View.IsOpen && !_hasOpenSlot)
        {
            // Only who takes turns pays for it: KVM keeps tables of its own for each slot.
            SetSlot(_machine, 3, _area.OpenStart, View.Bytes, _memory);
            _hasOpenSlot = true;
        }
        if (root != _system.Cr3 || _registers.GsBase != _known.GsBase || _registers.FsBase != _known.FsBase || _mustSetSystem)
        {
            _system.Cr3 = root;
            _system.Gs.Base = _registers.GsBase;
            _system.Fs.Base = _registers.FsBase;
            SetSystemRegisters();
            _mustSetSystem = false;
        }
        if (_registers.Mxcsr != X86Registers.Reset.Mxcsr)
            throw new NotSupportedException("MXCSR is what it is after reset; KVM has no way to set it here.");
        if (!Bytes(_registers.Xmm).SequenceEqual(Bytes(_known.Xmm)))
            SetXmm();
        if (!Bytes(_registers.Gpr).SequenceEqual(Bytes(_known.Gpr)) || _registers.Rip != _known.Rip
            || _registers.Rflags != _known.Rflags)
        {
            KvmRegisterCopy.Write(_registers, ref _run->Registers);
            _run->DirtyRegisters = GeneralRegisters;
        }
    }

    /// <summary>Sets the XMM registers.</summary>
    /// <remarks>KVM_SET_FPU does not say that they are in use: of a vCPU that has not used them, the processor would take them
    /// to be as after reset, whatever they were set to.</remarks>
    private void SetXmm()
    {
        KvmXsave state;
        SystemCall.Check(Libc.Control(_vcpu, KvmRequest.GetXsave, &state), "read a vCPU's extended state");
        state.ControlWord = 0x37F;
        state.Mxcsr = X86Registers.Reset.Mxcsr;
        state.Xmm = _registers.Xmm;
        state.Present |= KvmXsave.X87AndXmm;
        SystemCall.Check(Libc.Control(_vcpu, KvmRequest.SetXsave, &state), "set a vCPU's XMM registers");
    }

    private static ReadOnlySpan<byte> Bytes<T>(in T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    /// <summary>Lets KVM finish the instruction of a port exit without entering the guest, as its interface has it.</summary>
    private void CompletePort()
    {
        KvmRunArea before = *_run;
        _run->ImmediateExit = 1;
        int result = Libc.Control(_descriptor, KvmRequest.Run, 0);
        _run->ImmediateExit = 0;
        if (result >= 0 || Marshal.GetLastPInvokeError() != Libc.Interrupted)
            throw new KvmException($"KVM did not finish an OUT at {Where}.");
        _run->Reason = before.Reason;
        _run->PortDirection = before.PortDirection;
        _run->PortBytes = before.PortBytes;
        _run->Port = before.Port;
        _run->PortCount = before.PortCount;
    }

    private VcpuExit Interrupted()
    {
        Thread.TakeKicks();
        return new VcpuExit(VcpuExitKind.Host);
    }

    private VcpuExit Explain()
    {
        switch (_run->Reason)
        {
            case KvmExit.Port when _run->PortDirection == PortOut && _run->PortBytes == 1 && _run->PortCount == 1:
                int vector = _run->Port - SystemArea.ExceptionPorts;
                return vector >= 0 ? ExplainException(vector) : new VcpuExit(VcpuExitKind.Port, Port: (byte)_run->Port);
            case KvmExit.Interrupted:
                return Interrupted();
            default:
                throw new KvmException(ExitText.Describe(*_run, _registers.Rip, View.Bytes));
        }
    }

    /// <summary>Takes the exception back: the vCPU stands on its instruction again, at privilege level 3.</summary>
    private VcpuExit ExplainException(int vector)
    {
        KvmSystemRegisters system;
        SystemCall.Check(Libc.Control(_vcpu, KvmRequest.GetSystemRegisters, &system), "read a vCPU's system registers");
        ulong frameBytes = FrameBytes + (HasErrorCode(vector) ? sizeof(ulong) : 0UL);
        // The processor takes the exception stack when it leaves level 3, and at no other time.
        if (_area.StackTop - _registers.Gpr[4] != frameBytes)
            throw new KvmException($"Exception {vector} was raised at another privilege level than 3.");
        var frame = (ulong*)(_stack.Start + SystemArea.Page - frameBytes);
        uint code = HasErrorCode(vector) ? (uint)*frame++ : 0;
        _registers.Rip = frame[0];
        _registers.Rflags = KvmRegisterCopy.Visible(frame[2]);
        _registers.Gpr[4] = frame[3];
        _mustSetSystem = true;
        return new VcpuExit(VcpuExitKind.Exception, Vector: (byte)vector, ErrorCode: code,
            Address: vector == PageFault ? system.Cr2 : _registers.Rip);
    }

    private static bool HasErrorCode(int vector) => vector is 8 or 10 or 11 or 12 or 13 or 14 or 17 or 21 or 29 or 30;
}
