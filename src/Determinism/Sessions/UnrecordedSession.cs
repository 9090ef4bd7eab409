using Determinism.Diagnostics;

namespace Determinism;

/// <summary>A run that is neither recorded nor replayed, through the same calls: recording that is switched off.</summary>
/// <remarks>Memory is nobody's; the state of a device is guarded by a lock, as it must be anywhere.</remarks>
public sealed class UnrecordedSession : ExecutionSession
{
    private readonly UnrecordedAgent[] _agents;
    private readonly object[] _devices;
    private int _isStopping;

    private UnrecordedSession(IVmBackend backend, MachineShape shape, ProtocolTrace? trace)
        : base(backend, shape, backend.Capabilities.Clock, OwnershipScope.Frames, trace)
    {
        _devices = new object[shape.PseudoFrameCount];
        for (int device = 0; device < _devices.Length; device++)
            _devices[device] = new object();
        _agents = new UnrecordedAgent[shape.AgentCount];
        for (int id = 0; id < _agents.Length; id++)
            _agents[id] = new UnrecordedAgent(this, id);
    }

    /// <summary>Nothing is counted but exits.</summary>
    public override SessionStatistics Statistics =>
        new() { Events = new Dictionary<EventKind, long>(), Exits = ExitsOf(_agents) };

    internal override bool HasBaton => false;

    internal bool IsStopping => Volatile.Read(ref _isStopping) != 0;

    /// <summary>Starts an unrecorded run.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="trace">Takes down the calls of the adapter, for debugging it.</param>
    public static UnrecordedSession Start(IVmBackend backend, MachineShape shape, ProtocolTrace? trace = null)
    {
        Guard.NotNull(shape).Validate();
        var session = new UnrecordedSession(Guard.NotNull(backend), shape, trace);
        backend.SetAllRights(AccessRight.ReadWrite);
        return session;
    }

    /// <inheritdoc />
    public override AgentSession Agent(int id)
    {
        Guard.InRange((uint)id < (uint)_agents.Length, id, nameof(id), "No such agent.");
        return _agents[id];
    }

    private protected override void OnStopWaiting()
    {
        Interlocked.Exchange(ref _isStopping, 1);
        WakeAll();
    }

    private protected override void OnComplete() => ThrowIfFailed();

    /// <inheritdoc />
    public override string DescribeWaits() => "";

    internal object Device(ulong frame) => _devices[(int)(frame - Shape.RamFrameCount)];

    private protected override void OnOver()
    {
        ExpelVcpus();
        WakeAll();
    }

    private void WakeAll()
    {
        foreach (UnrecordedAgent agent in _agents)
            agent.OnWake();
    }
}
