using Determinism.Checkpoints;

namespace Determinism;

/// <summary>A machine that stands still between two sessions: what the next one needs to know of its agents.</summary>
/// <remarks>
/// <para>A session hands it over (<see cref="UnrecordedSession.HandOver"/>, <see cref="Recording.RecordingSession.HandOver"/>), and
/// another is started with it: on the same backend, when all loops of the session before have returned and it has been completed. Until
/// then nobody may touch the machine.</para>
/// <para>Of one use.</para>
/// </remarks>
public sealed class StandingMachine
{
    private readonly IVmBackend _backend;
    private readonly MachineShape _shape;
    private readonly AgentCheckpoint[] _agents;
    private int _isTaken;

    // The one that has handed it over, until it is known to have ended.
    private ExecutionSession? _before;

    internal StandingMachine(ExecutionSession before, IVmBackend backend, MachineShape shape, AgentCheckpoint[] agents)
    {
        _before = before;
        _backend = backend;
        _shape = shape;
        _agents = agents;
    }

    /// <summary>Whether an agent has come to its end: then its loop has nothing left to do.</summary>
    /// <param name="agent">The agent's number.</param>
    public bool HasEnded(int agent)
    {
        Guard.InRange((uint)agent < (uint)_agents.Length, agent, nameof(agent), "No such agent.");
        return _agents[agent].Progress.HasEnded;
    }

    /// <summary>The session that was to go on with it could not be started: another may.</summary>
    internal void GiveBack() => Volatile.Write(ref _isTaken, 0);

    /// <summary>Where its agents stand, for the session that goes on with it.</summary>
    internal AgentCheckpoint[] Take(IVmBackend backend, MachineShape shape)
    {
        if (!ReferenceEquals(backend, _backend) || shape != _shape)
            throw new ArgumentException("It is another machine that stands.", nameof(backend));
        if (_before is { HasBeenEnded: false })
            throw new InvalidOperationException("The session before has not ended: join its agents' loops, then complete it.");
        _before = null;
        return Interlocked.Exchange(ref _isTaken, 1) == 0
            ? _agents
            : throw new InvalidOperationException("A session has gone on with the machine already.");
    }
}
