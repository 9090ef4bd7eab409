using System.Collections.Concurrent;

namespace Determinism.Conformance;

/// <summary>A machine whose calls are delayed, whose vCPUs leave for no reason of the guest's now and then, or whose calls
/// fail: what hosts do. With delays alone it is as sound as the one behind it.</summary>
/// <remarks>An exit of the host's uses up a request for an exit, as any exit does: whoever asked finds the vCPU outside, at no
/// point, and sends it on to the next. The same vCPU does not leave so twice running.</remarks>
/// <param name="inner">Does the work; disposed of with this.</param>
/// <param name="options">What happens to the calls; no number of it is negative.</param>
public sealed class FlakyMachine(IMachineUnderTest inner, FlakyOptions options)
    : IMachineUnderTest, IVmBackend, IForcedExit, IPreflightCheck
{
    private readonly FlakyCalls _calls = new(inner, options);
    private readonly ConcurrentDictionary<int, bool> _asked = [];
    private readonly ConcurrentDictionary<int, bool> _hasLeft = [];

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
        if (_hasLeft.TryRemove(vcpu, out _) || !_calls.Happens())
        {
            _asked.TryRemove(vcpu, out _);
            return inner.Run(vcpu, slice);
        }
        _hasLeft[vcpu] = true;
        return _asked.TryRemove(vcpu, out _) ? UseUpRequest(vcpu, slice) : new GuestExit(ExitKind.Host);
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
        _asked[vcpu] = true;
        inner.Backend.RequestExit(vcpu);
    }

    /// <summary>Makes a vCPU leave wherever it is; behind it a machine without <see cref="IForcedExit"/> is only asked for an
    /// exit, as a session would.</summary>
    /// <param name="vcpu">The vCPU.</param>
    public void ForceExit(int vcpu)
    {
        _calls.Delay();
        if (inner.Backend is IForcedExit forced)
            forced.ForceExit(vcpu);
        else
            inner.Backend.RequestExit(vcpu);
    }

    /// <summary>The obstacles that the machine behind it finds; none if it does not look for any.</summary>
    public IReadOnlyList<string> FindObstacles() => inner.Backend is IPreflightCheck check ? check.FindObstacles() : [];

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

    /// <summary>Lets the request stop the vCPU at the next place, and does not say that it is one.</summary>
    private GuestExit UseUpRequest(int vcpu, RunSlice slice)
    {
        GuestExit exit = inner.Run(vcpu, new RunSlice(0));
        bool mayGoOn = exit.Kind == ExitKind.Stopped && ReadPoint(vcpu).Count < slice.StopAt;
        return mayGoOn ? new GuestExit(ExitKind.Host) : exit;
    }
}
