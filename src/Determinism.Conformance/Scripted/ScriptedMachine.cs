namespace Determinism.Conformance;

/// <summary>A backend without a processor: vCPUs that follow a written program of accesses, over memory whose rights are
/// enforced. For tests of whatever stands on a backend, and a model of one for those who write theirs.</summary>
/// <remarks>
/// Each vCPU is run by one thread at a time. Its rights are changed by that thread while it is outside, or by another while
/// it is parked; they are looked at and used under one lock a machine, so an access is never split.
/// </remarks>
public sealed class ScriptedMachine : IMachineUnderTest, IVmBackend, IForcedExit
{
    private readonly ScriptedVcpu[] _vcpus;
    private readonly ScriptedMemory _memory;

    /// <summary>Creates a machine at the start of a program, with no rights.</summary>
    /// <param name="program">What its vCPUs do.</param>
    /// <param name="clock">What its clock counts: instructions, polls, or nothing.</param>
    /// <param name="memoryBytes">Size of its memory, a frame at least.</param>
    /// <param name="pageShift">Binary logarithm of the frame size, 6 to 30.</param>
    /// <exception cref="ArgumentOutOfRangeException">A clock that a program cannot have, or no such size.</exception>
    /// <exception cref="ArgumentException">The program touches what lies outside the memory, or works for no round.</exception>
    public ScriptedMachine(ConformanceProgram program, ClockKind clock, int memoryBytes = 1 << 20, int pageShift = 12)
    {
        IReadOnlyList<IReadOnlyList<GuestStep>> steps = (program ?? throw new ArgumentNullException(nameof(program))).Vcpus;
        if (clock == ClockKind.HardwareBranches)
            throw new ArgumentOutOfRangeException(nameof(clock), clock, "Written programs have no branches to count.");
        if (clock is < ClockKind.None or > ClockKind.SoftwareCounter)
            throw new ArgumentOutOfRangeException(nameof(clock), clock, "There is no such clock.");
        if (pageShift is < 6 or > 30)
            throw new ArgumentOutOfRangeException(nameof(pageShift), pageShift, "Frames have 64 bytes to a gibibyte.");
        if (memoryBytes < 1 << pageShift)
            throw new ArgumentOutOfRangeException(nameof(memoryBytes), memoryBytes, "Memory has a frame at least.");
        if (steps.SelectMany(one => one).Any(step => !IsPossible(step, (ulong)memoryBytes)))
            throw new ArgumentException("A step touches what lies outside the memory, or works for no round.", nameof(program));
        _memory = new ScriptedMemory(memoryBytes, steps.Count, pageShift);
        _vcpus = new ScriptedVcpu[steps.Count];
        for (int vcpu = 0; vcpu < _vcpus.Length; vcpu++)
            _vcpus[vcpu] = new ScriptedVcpu(vcpu, steps[vcpu], program.Rounds, clock, _memory);
        Capabilities = new BackendCapabilities
        {
            Identity = "scripted machine 1",
            ProcessorIdentity = "written programs",
            Clock = clock,
            CanProtectFrames = clock != ClockKind.None,
            CanStopVcpu = clock != ClockKind.None,
        };
    }

    /// <inheritdoc />
    public BackendCapabilities Capabilities { get; }

    /// <inheritdoc />
    public IVmBackend Backend => this;

    /// <inheritdoc />
    public int StateBytes => ScriptedVcpu.StateBytes;

    /// <inheritdoc />
    /// <exception cref="ObjectDisposedException">The machine has been disposed of.</exception>
    public GuestExit Run(int vcpu, RunSlice slice) => _vcpus[vcpu].Run(slice.StopAt);

    /// <inheritdoc />
    public void Answer(int vcpu, ulong value) => _vcpus[vcpu].Answer(value);

    /// <inheritdoc />
    public void SetRight(int vcpu, ulong frame, AccessRight right) => _memory.SetRight(vcpu, frame, right);

    /// <inheritdoc />
    public void SetAllRights(AccessRight right) => _memory.SetAllRights(right);

    /// <inheritdoc />
    public void RequestExit(int vcpu) => _vcpus[vcpu].Request();

    /// <inheritdoc />
    public void ForceExit(int vcpu) => _vcpus[vcpu].Force();

    /// <inheritdoc />
    public ExecutionPoint ReadPoint(int vcpu) => _vcpus[vcpu].Point;

    /// <inheritdoc />
    public int CaptureState(int vcpu, Span<byte> destination) => _vcpus[vcpu].Capture(destination);

    /// <inheritdoc />
    public void ReadMemory(ulong address, Span<byte> destination) => _memory.CopyTo(address, destination);

    /// <inheritdoc />
    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => _memory.CopyFrom(address, source);

    /// <summary>Ends it: <see cref="Run"/> throws from now on.</summary>
    public void Dispose()
    {
        foreach (ScriptedVcpu vcpu in _vcpus)
            vcpu.Stop();
    }

    private static bool IsPossible(GuestStep step, ulong memoryBytes) => step.Kind switch
    {
        GuestStepKind.Work => step.Value > 0,
        GuestStepKind.Exit => true,
        GuestStepKind.Copy => IsWord(step.Address, memoryBytes) && IsWord(step.Target, memoryBytes),
        _ => IsWord(step.Address, memoryBytes),
    };

    private static bool IsWord(ulong address, ulong memoryBytes) => address <= memoryBytes - sizeof(ulong);
}
