using Determinism.Checkpoints;
using Determinism.Diagnostics;

namespace Determinism;

/// <summary>A run that is neither recorded nor replayed, through the same calls: recording that is switched off.</summary>
/// <remarks>Memory is nobody's; the state of a device is guarded by a lock, as it must be anywhere.</remarks>
public sealed class UnrecordedSession : ExecutionSession
{
    private readonly UnrecordedAgent[] _agents;
    private readonly object[] _devices;
    private int _isStopping;

    private UnrecordedSession(IVmBackend backend, MachineShape shape, AgentCheckpoint[]? from, ProtocolTrace? trace)
        : base(backend, shape, backend.Capabilities.Clock, OwnershipScope.Frames, trace)
    {
        Still = new StandStill(shape.AgentCount);
        _devices = new object[shape.PseudoFrameCount];
        for (int device = 0; device < _devices.Length; device++)
            _devices[device] = new object();
        _agents = new UnrecordedAgent[shape.AgentCount];
        for (int id = 0; id < _agents.Length; id++)
            _agents[id] = new UnrecordedAgent(this, id, from?[id]);
    }

    /// <summary>Nothing is counted but exits.</summary>
    public override SessionStatistics Statistics =>
        new() { Events = new Dictionary<EventKind, long>(), Exits = ExitsOf(_agents) };

    internal override bool HasBaton => false;

    internal StandStill Still { get; }

    /// <summary>The bug that a test has planted.</summary>
    internal Plant Plant
    {
        set
        {
            if (value == Plant.LoseWake)
                Array.ForEach(_agents, static agent => agent.LoseWake());
        }
    }

    internal bool IsStopping => Volatile.Read(ref _isStopping) != 0;

    /// <summary>Starts an unrecorded run.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="trace">Takes down the calls of the adapter, for debugging it.</param>
    public static UnrecordedSession Start(IVmBackend backend, MachineShape shape, ProtocolTrace? trace = null) =>
        Start(backend, shape, null, trace);

    /// <summary>Goes on with a machine that another session has handed over: gives all rights back.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="standing">Where it stands; null if it has not run. The session before has been completed.</param>
    /// <param name="trace">Takes down the calls of the adapter, for debugging it.</param>
    /// <exception cref="ArgumentException">It is another machine that stands.</exception>
    /// <exception cref="InvalidOperationException">A session has gone on with it already, or the one before has not been completed.</exception>
    public static UnrecordedSession Start(IVmBackend backend, MachineShape shape, StandingMachine? standing, ProtocolTrace? trace = null)
    {
        Guard.NotNull(shape).Validate();
        var session = new UnrecordedSession(Guard.NotNull(backend), shape, standing?.Take(backend, shape), trace);
        backend.SetAllRights(AccessRight.ReadWrite);
        return session;
    }

    /// <summary>Ends the session where the machine stands, for another to go on: each vCPU before it enters the guest or at its end,
    /// any agent while it waits.</summary>
    /// <remarks>Any thread but an agent's. When it returns, agents' loops do: join them, call <see cref="ExecutionSession.Complete"/>,
    /// start the next session, and run each loop again under it. What is on its way meanwhile is the host's: it wakes agents of the
    /// session that there is.</remarks>
    /// <param name="time">Time for the patience; none of it reaches the guest.</param>
    /// <param name="patience">How long the agents may take to stand; more than zero, at most 24 days.</param>
    /// <exception cref="HandoverTimeoutException">They took longer. The machine goes on under this session.</exception>
    /// <exception cref="InvalidOperationException">The session is over.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such patience.</exception>
    public StandingMachine HandOver(TimeProvider time, TimeSpan patience)
    {
        Guard.NotNull(time);
        Guard.InRange(patience > TimeSpan.Zero && patience.TotalMilliseconds <= int.MaxValue, patience, nameof(patience),
            "More than nothing, and at most 24 days.");
        return HandOver(Still, patience, time, () => Array.ConvertAll(_agents, static agent => agent.TakeDown()),
            agent => _agents[agent].EndWait());
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
        Still.Abort();
        ExpelVcpus();
        WakeAll();
    }

    private void WakeAll()
    {
        foreach (UnrecordedAgent agent in _agents)
            agent.OnWake();
    }
}
