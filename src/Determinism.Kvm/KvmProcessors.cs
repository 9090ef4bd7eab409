using System.Runtime.InteropServices;
using Determinism.Kvm.Host;
using Determinism.Kvm.Memory;
using Determinism.Kvm.Tables;
using Determinism.Kvm.Vcpus;
using Determinism.Machine;
using Determinism.X86;

namespace Determinism.Kvm;

/// <summary>The vCPUs of one machine on KVM: the backend contract, carried out.</summary>
/// <remarks>
/// <para>A right is the protection of the vCPU's own mapping. It is changed by the vCPU's thread while it is outside, or by
/// a winner that has claimed the vCPU while it is parked; the claim and its release are compare-and-swap and release store
/// on the agent's state, so changes are ordered without a lock here.</para>
/// <para>A request to leave is the limit of the vCPU's control page, set to 0: the vCPU's next poll traps. Dekker: the vCPU
/// writes its limit, fences, and reads the request; the asker writes the request, fences, and writes the limit. A signal
/// is for the end only: its exit is the host's, and no point.</para>
/// </remarks>
internal sealed class KvmProcessors : IGuestProcessors, IPreflightCheck, IForcedExit, IFrameRangeRights, ITouchedMemory
{
    private const ulong ArithmeticFlags = 0x8D5;
    private const int MinimumPageShift = 12;

    private readonly MachineConfiguration _configuration;
    private readonly KvmOptions _options;
    private readonly KvmHost _host;
    private readonly bool _completesPorts;
    private readonly SharedMemory _memory;
    private readonly SystemArea _area;
    private readonly KvmVcpu[] _vcpus;
    private readonly FaultReader[] _faults;
    private readonly int[] _isExitRequested;
    private readonly RunIntervals[] _intervals = [];

    internal KvmProcessors(MachineConfiguration configuration, KvmOptions options)
    {
        Check(configuration);
        _configuration = configuration;
        _options = options;
        int vcpus = configuration.VcpuCount;
        _vcpus = new KvmVcpu[vcpus];
        _faults = new FaultReader[vcpus];
        _isExitRequested = new int[vcpus];
        var made = new Stack<IDisposable>();
        try
        {
            made.Push(_host = KvmHost.Open(options.Device));
            _completesPorts = HostProbe.FindPortCompletion(_host, options);
            made.Push(_memory = new SharedMemory("guest", configuration.MemoryBytes));
            made.Push(_area = new SystemArea(configuration.MemoryBytes, FindCode(configuration.Image)));
            int mostPieces = Math.Max(KvmOptions.LeastPieces, options.MostPieces / vcpus);
            for (int vcpu = 0; vcpu < vcpus; vcpu++)
            {
                var view = new VcpuView(_memory, configuration.PageShift, mostPieces);
                made.Push(_vcpus[vcpu] = new KvmVcpu(
                    _host, _memory, view, _area, GuestLayout.ControlPageOf(vcpu), options, _completesPorts));
                _faults[vcpu] = new FaultReader(_vcpus[vcpu]);
            }
        }
        catch
        {
            while (made.TryPop(out IDisposable? one))
                one.Dispose();
            throw;
        }
        Memory = new GuestMemory(_memory.All, _memory.Bytes, _memory.TouchedRanges);
        if (options.RunClock is not null)
            _intervals = Array.ConvertAll(_vcpus, _ => new RunIntervals());
        Capabilities = new BackendCapabilities
        {
            Identity = "KVM machine 1",
            ProcessorIdentity = KvmHost.DescribeProcessor(),
            Clock = configuration.Clock,
            CanProtectFrames = true,
            CanStopVcpu = configuration.Clock == ClockKind.SoftwareCounter,
            MaximumVcpus = GuestLayout.MaximumVcpus,
        };
    }

    /// <inheritdoc />
    public BackendCapabilities Capabilities { get; }

    /// <inheritdoc />
    public GuestMemory Memory { get; }

    /// <inheritdoc />
    public int StateBytes => Marshal.SizeOf<X86Registers>();

    /// <summary>When each vCPU was inside KVM_RUN, if <see cref="KvmOptions.RunClock"/> is given; else empty.</summary>
    public IReadOnlyList<RunIntervals> Intervals => _intervals;

    /// <summary>What a vCPU sees of memory.</summary>
    internal VcpuView View(int vcpu) => _vcpus[vcpu].View;

    private bool CountsPolls => _configuration.Clock == ClockKind.SoftwareCounter;

    /// <inheritdoc />
    public ref X86Registers Registers(int vcpu) => ref _vcpus[vcpu].Registers;

    /// <inheritdoc />
    /// <remarks>The count is in the registers.</remarks>
    public void Restore(int vcpu, in X86Registers registers, ulong count) => _vcpus[vcpu].Registers = registers;

    /// <inheritdoc />
    public IEnumerable<(ulong Address, ulong Bytes)> TouchedRanges() => Memory.TouchedRanges();

    /// <inheritdoc />
    public MachineExit Run(int vcpu, RunSlice slice)
    {
        if (CountsPolls)
        {
            // Written before the request is read; RequestExit does it the other way round (Dekker).
            Volatile.Write(ref Limit(vcpu), slice.StopAt);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _isExitRequested[vcpu]) != 0)
                Volatile.Write(ref Limit(vcpu), 0);
        }
        long entered = _options.RunClock?.GetTimestamp() ?? 0;
        VcpuExit exit = _vcpus[vcpu].Run();
        if (_options.RunClock is { } clock)
            _intervals[vcpu].Add(entered, clock.GetTimestamp());
        Interlocked.Exchange(ref _isExitRequested[vcpu], 0);
        return exit.Kind switch
        {
            VcpuExitKind.Port => new MachineExit(MachineExitReason.Port, Port: (GuestPort)exit.Port),
            VcpuExitKind.Host => new MachineExit(MachineExitReason.Host),
            _ => _faults[vcpu].Read(exit),
        };
    }

    /// <inheritdoc />
    public void RequestExit(int vcpu)
    {
        Interlocked.Exchange(ref _isExitRequested[vcpu], 1);
        if (CountsPolls)
            Volatile.Write(ref Limit(vcpu), 0);
    }

    /// <inheritdoc />
    public void ForceExit(int vcpu) => _vcpus[vcpu].Thread.Expel();

    /// <inheritdoc />
    public void SetRight(int vcpu, ulong frame, AccessRight right) => _vcpus[vcpu].View.SetRight(frame, right);

    /// <inheritdoc />
    public void SetRights(int vcpu, ulong firstFrame, ulong count, AccessRight right) =>
        _vcpus[vcpu].View.SetRights(firstFrame, count, right);

    /// <inheritdoc />
    public void SetAllRights(AccessRight right)
    {
        foreach (KvmVcpu vcpu in _vcpus)
            vcpu.View.SetAll(right);
    }

    /// <inheritdoc />
    public ExecutionPoint ReadPoint(int vcpu)
    {
        ref X86Registers registers = ref Registers(vcpu);
        return new ExecutionPoint(CountsPolls ? registers.Gpr[15] : 0, registers.Rip, registers.Gpr[4], registers.Gpr[1]);
    }

    /// <inheritdoc />
    public int CaptureState(int vcpu, Span<byte> destination)
    {
        _vcpus[vcpu].ReadXmm();
        X86Registers registers = Registers(vcpu);
        // What processors leave undefined must not decide whether a log of the software counter replays elsewhere.
        if (CountsPolls)
            registers.Rflags &= ~ArithmeticFlags;
        MemoryMarshal.Write(destination, in registers);
        return Marshal.SizeOf<X86Registers>();
    }

    /// <inheritdoc />
    public void ReadMemory(ulong address, Span<byte> destination) =>
        Memory.Slice(address, destination.Length).CopyTo(destination);

    /// <inheritdoc />
    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) =>
        source.CopyTo(Memory.Slice(address, source.Length));

    /// <inheritdoc />
    public void MapCode(int vcpu, IReadOnlyList<MemoryAccess> published)
    {
        ArgumentNullException.ThrowIfNull(published);
        _vcpus[vcpu].Root = _area.Tables.RootWith(published);
        _vcpus[vcpu].OpenRoot = _area.OpenTables.RootWith(published);
    }

    /// <inheritdoc />
    public IReadOnlyList<string> FindObstacles()
    {
        using var probe = new HostProbe(_host, _options, _completesPorts);
        return [.. probe.FindObstacles(), .. GuestCheck.FindObstacles(_configuration)];
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (KvmVcpu vcpu in _vcpus)
            vcpu.Dispose();
        if (Array.Exists(_vcpus, vcpu => vcpu.IsAbandoned))
            return;
        Memory.Dispose();
        _area.Dispose();
        _memory.Dispose();
        _host.Dispose();
    }

    private static void Check(MachineConfiguration configuration)
    {
        if (configuration.Clock is not (ClockKind.SoftwareCounter or ClockKind.None))
            throw new MachineRefusedException($"KVM has the software counter as its clock, or none; not {configuration.Clock}. "
                + "The managed machine counts retired instructions.");
        if (configuration.PageShift < MinimumPageShift)
            throw new MachineRefusedException(
                "KVM protects pages of 4096 bytes; smaller frames are for the managed machine.");
        if (configuration.MemoryBytes < GuestLayout.ControlPagesEnd)
            throw new MachineRefusedException("The machine's memory ends before its control pages do.");
    }

    private static List<CodeSpan> FindCode(ElfImage image)
    {
        var spans = new List<CodeSpan>();
        foreach (ElfSegment segment in image.Segments)
        {
            if (!segment.IsExecutable)
                continue;
            ulong start = segment.Address & ~(SystemArea.Page - 1);
            ulong end = (segment.Address + segment.MemoryBytes + SystemArea.Page - 1) & ~(SystemArea.Page - 1);
            spans.Add(new CodeSpan(start, end - start));
        }
        return spans;
    }

    private ref ulong Limit(int vcpu) => ref Memory.At<ControlPage>(GuestLayout.ControlPageOf(vcpu)).Limit;
}
