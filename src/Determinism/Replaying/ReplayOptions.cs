using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.Scheduling;

namespace Determinism.Replaying;

/// <summary>What a replay is checked against before it starts.</summary>
public sealed record ReplayOptions
{
    /// <summary>The guest's identity; must be that of the log.</summary>
    public required string Guest { get; init; }

    /// <summary>Digest of all that the run starts from; must be that of the log.</summary>
    public required ulong InitialState { get; init; }

    /// <summary>The machine's shape; must be that of the log. Default: whatever the log says, unchecked.</summary>
    public MachineShape? Shape { get; init; }

    /// <summary>Digest of all that the run comes to, as the recording took it; compared when every agent has ended, if the log
    /// has one. None by default.</summary>
    public Func<ulong>? FinalState { get; init; }

    /// <summary>Withholds the constraints, as a control: the replay then has inputs and interrupts only, and diverges
    /// wherever the order of accesses mattered.</summary>
    public bool WithholdConstraints { get; init; }

    /// <summary>Tells how long agents wait for each other, so that they look for what mostly comes soon, instead of being woken for
    /// it. None by default: then they sleep after a few looks.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Turns instructions and states into text for reports; without it they are left out.</summary>
    public IInstructionText? Text { get; init; }

    /// <summary>Takes down the calls between the adapter and the session, for debugging an adapter; none by default.</summary>
    public ProtocolTrace? Trace { get; init; }

    /// <summary>Makes the agents run one at a time, in one order; by default they run in parallel. Their loops are started by
    /// <see cref="ExecutionSession.StartAgent"/>, all of them.</summary>
    public ReplayTurns? Turns { get; init; }

    /// <summary>Where the replay starts; where the log begins by default (<see cref="LogCheckpoints.Start"/>). A checkpoint of the same log, or a snapshot of another
    /// replay of it.</summary>
    public ReplayStart? From { get; init; }

    /// <summary>What takes over the machine's state of <see cref="From"/>, and gives it to a snapshot; required for either, and
    /// for a log that begins at a checkpoint.</summary>
    public ICheckpointState? State { get; init; }

    /// <summary>Where all agents stand until they are sent on (<see cref="ReplaySession.GoTo"/>); none by default, and then
    /// they go on to the end. Of the same log, and not before <see cref="From"/>.</summary>
    public Cut? Until { get; init; }

    /// <summary>Is told, now and then, how many events of all agents have been replayed, those before <see cref="From"/>
    /// included. On agents' threads; it must be quick and throw nothing.</summary>
    public IProgress<ulong>? Progress { get; init; }
}
