using Determinism.Kvm.Memory;
using Determinism.Kvm.Tables;
using Determinism.Kvm.Vcpus;
using Determinism.Machine;
using Determinism.X86;

namespace Determinism.Kvm.Host;

/// <summary>Finds out what this host does, by doing it: a clock that miscounts, or a fault that is not reported before it
/// has had an effect, is refused before a recording starts, not when its replay fails.</summary>
internal sealed class HostProbe : IDisposable
{
    private const ulong MemoryBytes = 8UL << 20;
    private const ulong CodeAddress = GuestLayout.Image;
    private const ulong DataAddress = GuestLayout.Image + 0x1000;
    private const ulong Sentinel = 0x0123_4567_89AB_CDEF;
    private const byte EndPort = (byte)GuestPort.Exit;
    private const ulong Rounds = 1000;
    private const int Rbx = 3;
    private const int R15 = 15;

    private static readonly byte[] s_store = [0x48, 0x89, 0x03, 0xE6, EndPort];

    // What a guest may try on a frame that it has no right to: each ends in OUT 0x11, AL.
    private static readonly (string Name, AccessRight Right, byte[] Code)[] s_accesses =
    [
        ("load", AccessRight.None, [0x48, 0x8B, 0x03, 0xE6, EndPort]),
        ("store", AccessRight.Read, s_store),
        ("locked increment", AccessRight.Read, [0xF0, 0x48, 0xFF, 0x03, 0xE6, EndPort]),
        ("locked exchange-and-add", AccessRight.None, [0xF0, 0x48, 0x0F, 0xC1, 0x03, 0xE6, EndPort]),
    ];

    private readonly SharedMemory _memory = new("probe", MemoryBytes);
    private readonly SystemArea _area = new(MemoryBytes, [new CodeSpan(CodeAddress, 0x1000)]);
    private readonly KvmVcpu _vcpu;
    private readonly bool _hasGates;

    public HostProbe(KvmHost host, KvmOptions options, bool completesPorts)
    {
        // An exception takes the exception stack from level 3 only.
        _hasGates = options.PrivilegeLevel == 3;
        try
        {
            var view = new VcpuView(_memory, pageShift: 12, options.MostPieces);
            view.SetAll(AccessRight.ReadWrite);
            _vcpu = new KvmVcpu(host, _memory, view, _area, GuestLayout.ControlPages, options, completesPorts);
        }
        catch
        {
            _area.Dispose();
            _memory.Dispose();
            throw;
        }
    }

    /// <summary>What is probed with; only tests change it.</summary>
    internal KvmVcpu Vcpu => _vcpu;

    /// <summary>Its tables; only tests change them.</summary>
    internal SystemArea Area => _area;

    private ref ControlPage Control => ref Words<ControlPage>(GuestLayout.ControlPages);

    /// <summary>Whether KVM leaves an OUT to be finished by the next entry: hosts that run it on the processor do, those that
    /// emulate it do not.</summary>
    public static bool FindPortCompletion(KvmHost host, KvmOptions options)
    {
        using var probe = new HostProbe(host, options, completesPorts: false);
        probe.Load([0xE6, EndPort]);
        VcpuExit exit = probe._vcpu.Run();
        ulong past = probe._vcpu.Registers.Rip - CodeAddress;
        return exit.Kind == VcpuExitKind.Port && past is 0 or 2
            ? past == 0
            : throw new KvmException($"KVM reports an OUT {past} bytes behind its start, as {exit.Kind}.");
    }

    /// <summary>What is wrong with this host; nothing if recordings on it can be replayed.</summary>
    public IReadOnlyList<string> FindObstacles()
    {
        var obstacles = new List<string>();
        AreaWatch watch = _area.Watch();
        try
        {
            ProbeClock(obstacles);
            foreach ((string name, AccessRight right, byte[] code) in s_accesses)
                ProbeFault(name, right, code, obstacles);
            ProbeOpenView(obstacles);
            if (_hasGates)
                ProbeException(obstacles);
        }
        catch (KvmException error)
        {
            obstacles.Add(error.Message);
        }
        if (watch.FindChange() is { } change)
            obstacles.Add($"The processor, or KVM, wrote to the page tables and descriptors that all vCPUs share: {change}.");
        return obstacles;
    }

    public void Dispose()
    {
        _vcpu.Dispose();
        _area.Dispose();
        _memory.Dispose();
    }

    /// <summary>A loop of polls, stopped on its way.</summary>
    private void ProbeClock(List<string> obstacles)
    {
        // mov ecx, 1000; loop: inc r15; cmp r15, gs:[8]; jae trap; back: dec ecx; jnz loop; out 0x11, al;
        // trap: out 0x10, al; jmp back.
        Load(
        [
            0xB9, 0xE8, 0x03, 0x00, 0x00, 0x49, 0xFF, 0xC7, 0x65, 0x4C, 0x3B, 0x3C, 0x25, 0x08, 0x00, 0x00, 0x00, 0x73, 0x06,
            0xFF, 0xC9, 0x75, 0xEE, 0xE6, EndPort, 0xE6, (byte)GuestPort.Poll, 0xEB, 0xF6,
        ]);
        Control.Limit = Rounds / 2;
        VcpuExit trap = RunPastInterruptions();
        ulong stopped = _vcpu.Registers.Gpr[R15];
        Control.Limit = ulong.MaxValue;
        VcpuExit end = RunPastInterruptions();
        ulong counted = _vcpu.Registers.Gpr[R15];
        if (trap.Port != (byte)GuestPort.Poll || stopped != Rounds / 2)
            obstacles.Add($"A poll trapped at {stopped} instead of {Rounds / 2}.");
        if (end.Port != EndPort || counted != Rounds)
            obstacles.Add($"The poll counter shows {counted} after {Rounds} polls.");
    }

    /// <summary>The access leaves the guest on its own instruction, with memory untouched, and succeeds when allowed.</summary>
    private void ProbeFault(string name, AccessRight right, byte[] code, List<string> obstacles)
    {
        ref ulong word = ref Words<ulong>(DataAddress);
        word = Sentinel;
        Load(code);
        _vcpu.Registers.Gpr[Rbx] = DataAddress;
        _vcpu.View.SetRight(DataAddress >> 12, right);
        VcpuExit fault = RunPastInterruptions();
        bool isExact = fault.Kind == VcpuExitKind.Fault && _vcpu.Registers.Rip == CodeAddress && word == Sentinel;
        _vcpu.View.SetRight(DataAddress >> 12, AccessRight.ReadWrite);
        VcpuExit end = RunPastInterruptions();
        if (!isExact || end.Kind != VcpuExitKind.Port || end.Port != EndPort)
            obstacles.Add($"A forbidden {name} is not reported exactly ({fault.Kind} at 0x{_vcpu.Registers.Rip:X}).");
    }

    /// <summary>A store past the view, by the other tables.</summary>
    private void ProbeOpenView(List<string> obstacles)
    {
        ref ulong word = ref Words<ulong>(DataAddress);
        word = Sentinel;
        Load(s_store);
        _vcpu.Registers.Gpr[Rbx] = DataAddress;
        _vcpu.View.SetRight(DataAddress >> 12, AccessRight.None);
        _vcpu.View.SetRights(0, MemoryBytes >> 12, AccessRight.ReadWrite);
        VcpuExit end = RunPastInterruptions();
        if (end.Kind != VcpuExitKind.Port || end.Port != EndPort || word != 0)
            obstacles.Add($"A store past the view does not succeed ({end.Kind} at 0x{_vcpu.Registers.Rip:X}).");
    }

    /// <summary>UD2: by the gates, the descriptors and the exception stack.</summary>
    private void ProbeException(List<string> obstacles)
    {
        const byte InvalidOpcode = 6;
        Load([0x0F, 0x0B]);
        VcpuExit exit = RunPastInterruptions();
        if (exit.Kind != VcpuExitKind.Exception || exit.Vector != InvalidOpcode || _vcpu.Registers.Rip != CodeAddress)
            obstacles.Add($"An exception is not reported exactly ({exit.Kind} {exit.Vector} at 0x{_vcpu.Registers.Rip:X}).");
    }

    private VcpuExit RunPastInterruptions()
    {
        while (true)
        {
            VcpuExit exit = _vcpu.Run();
            if (exit.Kind != VcpuExitKind.Host)
                return exit;
        }
    }

    private unsafe void Load(ReadOnlySpan<byte> code)
    {
        code.CopyTo(new Span<byte>(_memory.All.Start + CodeAddress, code.Length));
        ref X86Registers registers = ref _vcpu.Registers;
        ulong gsBase = registers.GsBase;
        registers = X86Registers.Reset;
        registers.GsBase = gsBase;
        registers.Rip = CodeAddress;
    }

    private unsafe ref T Words<T>(ulong address)
        where T : unmanaged => ref *(T*)(_memory.All.Start + address);
}
