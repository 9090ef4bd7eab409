namespace Determinism.Conformance;

/// <summary>A backend of a machine that is not there: takes every call, does nothing, stands at zero. For measuring and
/// testing what stands on a backend.</summary>
public sealed class NullBackend : IVmBackend
{
    /// <inheritdoc />
    public BackendCapabilities Capabilities { get; init; } = new()
    {
        Identity = "null backend 1",
        ProcessorIdentity = "none",
        Clock = ClockKind.RetiredInstructions,
        CanProtectFrames = true,
        CanStopVcpu = true,
    };

    /// <inheritdoc />
    public int StateBytes => 1;

    /// <inheritdoc />
    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
    }

    /// <inheritdoc />
    public void SetAllRights(AccessRight right)
    {
    }

    /// <inheritdoc />
    public void RequestExit(int vcpu)
    {
    }

    /// <inheritdoc />
    public ExecutionPoint ReadPoint(int vcpu) => default;

    /// <inheritdoc />
    public int CaptureState(int vcpu, Span<byte> destination) => 0;

    /// <inheritdoc />
    public void ReadMemory(ulong address, Span<byte> destination) => destination.Clear();

    /// <inheritdoc />
    public void WriteMemory(ulong address, ReadOnlySpan<byte> source)
    {
    }
}
