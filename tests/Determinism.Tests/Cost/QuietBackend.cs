namespace Determinism.Tests.Cost;

/// <summary>A backend that costs nothing, so that what is measured is the SDK's.</summary>
internal sealed class QuietBackend : IVmBackend
{
    public BackendCapabilities Capabilities { get; } = new()
    {
        Identity = "quiet",
        ProcessorIdentity = "none",
        Clock = ClockKind.RetiredInstructions,
        CanProtectFrames = true,
        CanStopVcpu = true,
    };

    public ulong Count { get; set; }

    public int StateBytes => 64;

    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
    }

    public void SetAllRights(AccessRight right)
    {
    }

    public void RequestExit(int vcpu)
    {
    }

    public ExecutionPoint ReadPoint(int vcpu) => new(Count, Count, 0, 0);

    public int CaptureState(int vcpu, Span<byte> destination)
    {
        destination[..StateBytes].Clear();
        return StateBytes;
    }

    public void ReadMemory(ulong address, Span<byte> destination) => destination.Clear();

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source)
    {
    }
}
