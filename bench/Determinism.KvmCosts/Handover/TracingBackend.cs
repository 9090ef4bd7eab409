using System.Collections.Concurrent;
using System.Diagnostics;
using Determinism.Machine;

namespace Determinism.KvmCosts;

/// <summary>The same vCPUs, with a note of each request and of each change of a right.</summary>
internal sealed class TracingBackend(IGuestProcessors inner) : IVmBackend, IForcedExit
{
    private readonly ConcurrentQueue<Change> _changes = new();
    private readonly ConcurrentQueue<Request> _requests = new();

    public BackendCapabilities Capabilities => inner.Capabilities;

    public int StateBytes => inner.StateBytes;

    public IReadOnlyCollection<Change> Changes => _changes;

    public IReadOnlyCollection<Request> Requests => _requests;

    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
        long begin = Stopwatch.GetTimestamp();
        inner.SetRight(vcpu, frame, right);
        _changes.Enqueue(new Change(vcpu, frame, right, begin, Stopwatch.GetTimestamp()));
    }

    public void RequestExit(int vcpu)
    {
        _requests.Enqueue(new Request(vcpu, Stopwatch.GetTimestamp()));
        inner.RequestExit(vcpu);
    }

    public void ForceExit(int vcpu) => ((IForcedExit)inner).ForceExit(vcpu);

    public void SetAllRights(AccessRight right) => inner.SetAllRights(right);

    public ExecutionPoint ReadPoint(int vcpu) => inner.ReadPoint(vcpu);

    public int CaptureState(int vcpu, Span<byte> destination) => inner.CaptureState(vcpu, destination);

    public void ReadMemory(ulong address, Span<byte> destination) => inner.ReadMemory(address, destination);

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => inner.WriteMemory(address, source);

    internal sealed record Change(int Vcpu, ulong Frame, AccessRight Right, long Begin, long End);

    internal sealed record Request(int Vcpu, long Time);
}
