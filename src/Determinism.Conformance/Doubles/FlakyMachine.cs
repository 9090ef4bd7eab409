namespace Determinism.Conformance;

/// <summary>A machine whose calls are delayed, whose vCPUs leave for no reason of the guest's now and then, or whose calls
/// fail: what hosts do. With delays alone it is as sound as the one behind it.</summary>
/// <param name="inner">Does the work; disposed of with this.</param>
/// <param name="options">What happens to the calls.</param>
public sealed class FlakyMachine(IMachineUnderTest inner, FlakyOptions options) : IMachineUnderTest, IVmBackend
{
    private readonly FlakyCalls _calls = new(options);

    /// <inheritdoc />
    public IVmBackend Backend => this;

    /// <inheritdoc />
    public BackendCapabilities Capabilities => inner.Backend.Capabilities;

    /// <inheritdoc />
    public int StateBytes => inner.Backend.StateBytes;

    /// <inheritdoc />
    /// <exception cref="InjectedFailureException">It fails; the vCPU has not run.</exception>
    public GuestExit Run(int vcpu, RunSlice slice)
    {
        _calls.Hit(nameof(Run));
        return _calls.Happens() ? new GuestExit(ExitKind.Host) : inner.Run(vcpu, slice);
    }

    /// <inheritdoc />
    public void Answer(int vcpu, ulong value) => inner.Answer(vcpu, value);

    /// <inheritdoc />
    /// <exception cref="InjectedFailureException">It fails; the right is what it was.</exception>
    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
        _calls.Hit(nameof(SetRight));
        inner.Backend.SetRight(vcpu, frame, right);
    }

    /// <inheritdoc />
    public void SetAllRights(AccessRight right) => inner.Backend.SetAllRights(right);

    /// <inheritdoc />
    public void RequestExit(int vcpu)
    {
        _calls.Delay();
        inner.Backend.RequestExit(vcpu);
    }

    /// <inheritdoc />
    public ExecutionPoint ReadPoint(int vcpu) => inner.Backend.ReadPoint(vcpu);

    /// <inheritdoc />
    public int CaptureState(int vcpu, Span<byte> destination) => inner.Backend.CaptureState(vcpu, destination);

    /// <inheritdoc />
    public void ReadMemory(ulong address, Span<byte> destination) => inner.Backend.ReadMemory(address, destination);

    /// <inheritdoc />
    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => inner.Backend.WriteMemory(address, source);

    /// <inheritdoc />
    public void Dispose() => inner.Dispose();
}
