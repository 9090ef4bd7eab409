namespace Determinism.Tests.Scripted;

/// <summary>Synthetic vCPUs as a backend: everything a hypervisor gives, and every access seen.</summary>
internal sealed class ScriptedBackend : IVmBackend, IFrameRangeRights
{
    private readonly ScriptedVcpu[] _vcpus;
    private readonly int[] _threads;
    private int _rightCalls;

    public ScriptedBackend(ScriptProgram program, ClockKind clock, Hazards hazards, AccessTrace? trace = null)
    {
        Capabilities = new BackendCapabilities
        {
            Identity = "scripted 1",
            ProcessorIdentity = "synthetic",
            Clock = clock,
            CanProtectFrames = clock != ClockKind.None,
            CanStopVcpu = clock != ClockKind.None,
        };
        Trace = trace;
        Rights = new FrameRights(program.Vcpus.Length);
        _threads = new int[program.Vcpus.Length];
        _vcpus = new ScriptedVcpu[program.Vcpus.Length];
        for (int id = 0; id < _vcpus.Length; id++)
            _vcpus[id] = new ScriptedVcpu(id, program, this, hazards);
    }

    public BackendCapabilities Capabilities { get; init; }

    public ScriptedMemory Memory { get; } = new();

    public FrameRights Rights { get; }

    public AccessTrace? Trace { get; }

    /// <summary>How often rights were changed: of one frame, or of a run of them.</summary>
    public int RightCalls => Volatile.Read(ref _rightCalls);

    public IReadOnlyList<ScriptedVcpu> Vcpus => _vcpus;

    public int StateBytes => ScriptedVcpu.StateBytes;

    /// <summary>The calling thread runs the vCPU from now on.</summary>
    public void Adopt(int vcpu) => _threads[vcpu] = Environment.CurrentManagedThreadId;

    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
        Interlocked.Increment(ref _rightCalls);
        Change(vcpu, frame, right);
    }

    private void Change(int vcpu, ulong frame, AccessRight right)
    {
        if (_threads[vcpu] != Environment.CurrentManagedThreadId && _vcpus[vcpu].IsTouching(frame, right))
            Rights.Report($"vCPU {vcpu} was reduced to {right} of frame 0x{frame:X} inside an instruction that uses it");
        Rights.Set(vcpu, frame, right);
    }

    public void SetRights(int vcpu, ulong firstFrame, ulong count, AccessRight right)
    {
        Interlocked.Increment(ref _rightCalls);
        for (ulong frame = firstFrame; frame < firstFrame + count; frame++)
            Change(vcpu, frame, right);
    }

    public void SetAllRights(AccessRight right) => Rights.SetAll(right);

    public void RequestExit(int vcpu) => _vcpus[vcpu].Kick();

    public ExecutionPoint ReadPoint(int vcpu) => _vcpus[vcpu].Point;

    public int CaptureState(int vcpu, Span<byte> destination) => _vcpus[vcpu].Capture(destination);

    public void ReadMemory(ulong address, Span<byte> destination) => Memory.CopyTo(address, destination);

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => Memory.CopyFrom(address, source);
}
