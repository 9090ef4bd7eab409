namespace Determinism.Tests.Scripted;

/// <summary>A backend whose vCPUs are wherever the test says: for tests that make every call themselves.</summary>
internal sealed class FakeBackend(int vcpuCount, ClockKind clock = ClockKind.RetiredInstructions)
    : IVmBackend, IFrameRangeRights, IPreflightCheck, IForcedExit
{
    private readonly int[] _kicks = new int[vcpuCount];

    public BackendCapabilities Capabilities { get; init; } = new()
    {
        Identity = "fake 1",
        ProcessorIdentity = "none",
        Clock = clock,
        CanProtectFrames = true,
        CanStopVcpu = true,
    };

    public ExecutionPoint[] Points { get; } = new ExecutionPoint[vcpuCount];

    public byte[] States { get; } = new byte[vcpuCount];

    public byte[] Memory { get; } = new byte[1 << 16];

    public IReadOnlyList<string> Obstacles { get; init; } = [];

    public List<(int Vcpu, ulong Frame, AccessRight Right)> Applied { get; } = [];

    public int StateBytes => 1;

    /// <summary>Called within each request to leave.</summary>
    public Action OnKick { get; set; } = static () => { };

    public int Kicks(int vcpu) => Volatile.Read(ref _kicks[vcpu]);

    public IReadOnlyList<string> FindObstacles() => Obstacles;

    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
        lock (Applied)
            Applied.Add((vcpu, frame, right));
    }

    public void SetRights(int vcpu, ulong firstFrame, ulong count, AccessRight right)
    {
        for (ulong frame = firstFrame; frame - firstFrame < count; frame++)
            SetRight(vcpu, frame, right);
    }

    public void SetAllRights(AccessRight right)
    {
    }

    public void RequestExit(int vcpu)
    {
        Interlocked.Increment(ref _kicks[vcpu]);
        OnKick();
    }

    public void ForceExit(int vcpu) => OnKick();

    public ExecutionPoint ReadPoint(int vcpu) => Points[vcpu];

    public int CaptureState(int vcpu, Span<byte> destination)
    {
        destination[0] = States[vcpu];
        return 1;
    }

    public void ReadMemory(ulong address, Span<byte> destination) =>
        Memory.AsSpan((int)address, destination.Length).CopyTo(destination);

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => source.CopyTo(Memory.AsSpan((int)address));
}
