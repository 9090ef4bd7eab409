using System.Runtime.InteropServices;
using Determinism.Emulation.Observation;
using Determinism.Machine;
using Determinism.X86;

namespace Determinism.Emulation;

/// <summary>The emulated vCPUs of one machine over one memory: the backend contract, carried out.</summary>
/// <remarks>
/// Rights are a byte a frame in each processor. They are changed by the vCPU's own thread between two instructions, or by
/// a winner that has claimed the vCPU while it is parked, so no access falls between a check and a change (design §9).
/// </remarks>
internal sealed class ManagedProcessors : IGuestProcessors, IPreflightCheck, IForcedExit, IFrameRangeRights, ITouchedMemory,
    IInstructionStops
{
    private const ulong ArithmeticFlags = 0x8D5;
    private const uint MxcsrStatus = 0x3F;
    private const int CodePageShift = 12;

    private readonly MachineConfiguration _configuration;
    private readonly Processor[] _processors;
    private readonly int[] _isExitRequested;
    private readonly SharedCode _sharedCode = new();

    // Each vCPU's, where somebody observes; empty elsewhere.
    private readonly ObservedRun[] _observed = [];

    private readonly InstructionStop?[] _stops;
    private readonly Func<ulong, ProcessorExit>[] _runs;

    // A page each, for each vCPU. With the software counter only: with an exact clock a guest may execute what it likes.
    private readonly bool[][] _isCode = [];

    internal unsafe ManagedProcessors(MachineConfiguration configuration, IInstructionObserver? observer = null)
    {
        if (configuration.Clock is not (ClockKind.RetiredInstructions or ClockKind.SoftwareCounter))
            throw new MachineRefusedException(
                $"The managed machine has retired instructions and the software counter as clocks, not {configuration.Clock}.");
        _configuration = configuration;
        Memory = new GuestMemory(configuration.MemoryBytes);
        _processors = new Processor[configuration.VcpuCount];
        _isExitRequested = new int[configuration.VcpuCount];
        if (CountsPolls)
            _isCode = Array.ConvertAll(_processors, _ => FindCode(configuration));
        for (int vcpu = 0; vcpu < _processors.Length; vcpu++)
            _processors[vcpu] = new Processor(Memory.Start, Memory.Size, configuration.PageShift,
                GuestLayout.LowestAddress, _sharedCode, CountsPolls ? IsCodeOf(_isCode[vcpu]) : null);
        if (observer is not null)
            _observed = [.. _processors.Select((processor, vcpu) => new ObservedRun(vcpu, processor, Memory, observer))];
        _stops = new InstructionStop?[configuration.VcpuCount];
        _runs = observer is null ? [.. _processors.Select(one => (Func<ulong, ProcessorExit>)one.Run)]
            : [.. _observed.Select(one => (Func<ulong, ProcessorExit>)one.Run)];
        Capabilities = new BackendCapabilities
        {
            Identity = "managed machine 1",
            ProcessorIdentity = "x86-64 with SSE2, emulated",
            Clock = configuration.Clock,
            CanProtectFrames = true,
            CanStopVcpu = true,
            MaximumVcpus = GuestLayout.MaximumVcpus,
        };
    }

    /// <inheritdoc />
    public BackendCapabilities Capabilities { get; }

    /// <inheritdoc />
    public GuestMemory Memory { get; }

    /// <inheritdoc />
    public int StateBytes => Marshal.SizeOf<X86Registers>();

    private bool CountsPolls => _configuration.Clock == ClockKind.SoftwareCounter;

    /// <inheritdoc />
    public ref X86Registers Registers(int vcpu) => ref _processors[vcpu].Registers;

    /// <inheritdoc />
    public void Restore(int vcpu, in X86Registers registers, ulong count)
    {
        _processors[vcpu].Registers = registers;
        _processors[vcpu].Count = count;
    }

    /// <inheritdoc />
    public IEnumerable<(ulong Address, ulong Bytes)> TouchedRanges() => Memory.TouchedRanges();

    /// <inheritdoc />
    public MachineExit Run(int vcpu, RunSlice slice)
    {
        Processor processor = _processors[vcpu];
        // What lies behind is reached already.
        ulong stopAt = Math.Max(slice.StopAt, processor.Count);
        if (CountsPolls)
        {
            // Written before the request is read; RequestExit sets them the other way round (Dekker).
            Volatile.Write(ref Limit(vcpu), slice.StopAt);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _isExitRequested[vcpu]) != 0)
                Volatile.Write(ref Limit(vcpu), 0);
            stopAt = RunSlice.Unlimited;
        }
        ProcessorExit exit = _stops[vcpu] is { } stop ? stop.Run(processor, stopAt, _runs[vcpu]) : _runs[vcpu](stopAt);
        Interlocked.Exchange(ref _isExitRequested[vcpu], 0);
        processor.ClearExitRequest();
        return exit.Reason switch
        {
            ProcessorExitReason.Stopped => new MachineExit(MachineExitReason.Stopped),
            ProcessorExitReason.Requested => new MachineExit(
                CountsPolls ? MachineExitReason.Host : MachineExitReason.Stopped),
            ProcessorExitReason.Fault => new MachineExit(
                MachineExitReason.Fault, exit.Access.Address, exit.Access.Size, exit.Access.Right),
            ProcessorExitReason.PortOut => new MachineExit(MachineExitReason.Port, Port: (GuestPort)exit.Port),
            ProcessorExitReason.NotCode => new MachineExit(MachineExitReason.NotCode, exit.Access.Address),
            _ => new MachineExit(MachineExitReason.Error, exit.Access.Address,
                Message: exit.Message ?? $"{exit.Reason} for {exit.Access}"),
        };
    }

    /// <inheritdoc />
    public void StopAfter(int vcpu, ulong instructions, Action reached)
    {
        ArgumentOutOfRangeException.ThrowIfZero(instructions);
        ArgumentNullException.ThrowIfNull(reached);
        (_stops[vcpu] ??= new InstructionStop()).Set(_processors[vcpu].Count + instructions, reached);
    }

    /// <inheritdoc />
    public ulong WithdrawStop(int vcpu) => _stops[vcpu]?.Withdraw(_processors[vcpu].Count) ?? 0;

    /// <inheritdoc />
    public void RequestExit(int vcpu)
    {
        Interlocked.Exchange(ref _isExitRequested[vcpu], 1);
        if (CountsPolls)
            Volatile.Write(ref Limit(vcpu), 0);
        else
            _processors[vcpu].RequestExit();
    }

    /// <inheritdoc />
    public void ForceExit(int vcpu) => _processors[vcpu].RequestExit();

    /// <inheritdoc />
    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
        if (!GuestLayout.IsControl(frame << _configuration.PageShift))
            _processors[vcpu].SetRight(frame, right);
    }

    /// <inheritdoc />
    public void SetRights(int vcpu, ulong firstFrame, ulong count, AccessRight right)
    {
        for (ulong frame = firstFrame; frame < firstFrame + count; frame++)
            SetRight(vcpu, frame, right);
    }

    /// <inheritdoc />
    public void SetAllRights(AccessRight right)
    {
        ulong frames = _configuration.Shape.RamFrameCount;
        foreach (Processor processor in _processors)
        {
            for (ulong frame = 0; frame < frames; frame++)
                processor.SetRight(frame, GuestLayout.IsControl(frame << _configuration.PageShift)
                    ? AccessRight.ReadWrite : right);
        }
    }

    /// <inheritdoc />
    public ExecutionPoint ReadPoint(int vcpu)
    {
        ref X86Registers registers = ref Registers(vcpu);
        return new ExecutionPoint(CountsPolls ? registers.Gpr[15] : _processors[vcpu].Count,
            registers.Rip, registers.Gpr[4], registers.Gpr[1]);
    }

    /// <inheritdoc />
    public int CaptureState(int vcpu, Span<byte> destination)
    {
        X86Registers registers = Registers(vcpu);
        // What processors leave undefined must not decide whether a log of the software counter replays elsewhere.
        if (CountsPolls)
            registers.Rflags &= ~ArithmeticFlags;
        registers.Mxcsr &= ~MxcsrStatus;
        MemoryMarshal.Write(destination, in registers);
        return Marshal.SizeOf<X86Registers>();
    }

    /// <inheritdoc />
    public void ReadMemory(ulong address, Span<byte> destination) =>
        Memory.Slice(address, destination.Length).CopyTo(destination);

    /// <inheritdoc />
    public void WriteMemory(ulong address, ReadOnlySpan<byte> source)
    {
        source.CopyTo(Memory.Slice(address, source.Length));
        _sharedCode.ForgetCode(address, (ulong)source.Length);
    }

    /// <inheritdoc />
    public void MapCode(int vcpu, IReadOnlyList<MemoryAccess> published)
    {
        ArgumentNullException.ThrowIfNull(published);
        bool[] isCode = _isCode[vcpu];
        int shift = _configuration.PageShift;
        foreach (MemoryAccess frames in published)
        {
            Array.Fill(isCode, true, (int)(frames.Address >> CodePageShift), (int)(frames.Size >> CodePageShift));
            for (ulong frame = frames.Address >> shift; frame < (frames.Address + frames.Size) >> shift; frame++)
            {
                if (_processors[vcpu].GetRight(frame) == AccessRight.ReadWrite)
                    _processors[vcpu].SetRight(frame, AccessRight.Read);
            }
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<string> FindObstacles() =>
        [.. ClockProbe.FindObstacles(_configuration), .. GuestCheck.FindObstacles(_configuration)];

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Processor processor in _processors)
            processor.Dispose();
        Memory.Dispose();
    }

    private static bool[] FindCode(MachineConfiguration configuration)
    {
        var isCode = new bool[configuration.MemoryBytes >> CodePageShift];
        foreach (ElfSegment segment in configuration.Image.Segments)
        {
            if (!segment.IsExecutable || segment.MemoryBytes == 0)
                continue;
            ulong last = Math.Min((segment.Address + segment.MemoryBytes - 1) >> CodePageShift, (ulong)isCode.Length - 1);
            for (ulong page = segment.Address >> CodePageShift; page <= last; page++)
                isCode[page] = true;
        }
        return isCode;
    }

    private static Func<ulong, bool> IsCodeOf(bool[] isCode) => address =>
        address >> CodePageShift < (ulong)isCode.Length && isCode[address >> CodePageShift];

    private ref ulong Limit(int vcpu) => ref Memory.At<ControlPage>(GuestLayout.ControlPageOf(vcpu)).Limit;
}
