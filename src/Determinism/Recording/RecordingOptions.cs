using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.Scheduling;

namespace Determinism.Recording;

/// <summary>How a recording is made.</summary>
public sealed record RecordingOptions
{
    /// <summary>Which vCPU runs when. Default: all in parallel.</summary>
    public IVcpuScheduler Scheduler { get; init; } = new ParallelScheduler();

    /// <summary>Where time for hold times and timeouts comes from. None of it reaches the guest.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The guest's identity, for the log's header.</summary>
    public required string Guest { get; init; }

    /// <summary>Digest of all that the run starts from: memory, disks, registers.</summary>
    public required ulong InitialState { get; init; }

    /// <summary>Digest of all that the run comes to, taken when every agent has ended; it goes into the log, and a replay
    /// is held to it. None by default: then only what the agents' running digests cover is.</summary>
    public Func<ulong>? FinalState { get; init; }

    /// <summary>Whether implied constraints are dropped; off for comparison.</summary>
    public bool ReduceConstraints { get; init; } = true;

    /// <summary>Events of an agent between two whole digests; 0 for none.</summary>
    public int DigestInterval { get; init; } = 64;

    /// <summary>Whether digests carry the vCPU's whole state, so that a divergence report can show both sides.</summary>
    public bool KeepStates { get; init; }

    /// <summary>How long a request for a frame may stay unanswered; more than zero, at most 24 days.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Frames promised to be only ever read, such as code and page tables; also before a recording is attached: what they hold is
    /// not in the log.</summary>
    public IReadOnlyList<FrameRange> SharedFrames { get; init; } = [];

    /// <summary>Frames promised to be one agent's own, such as what only one vCPU can reach.</summary>
    public IReadOnlyList<OwnedFrames> PrivateFrames { get; init; } = [];

    /// <summary>Takes down the calls between the adapter and the session, for debugging an adapter; none by default.</summary>
    public ProtocolTrace? Trace { get; init; }

    /// <summary>Checkpoints, from which a replay can start; none by default, and then nothing is spent on them.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>The state that the recording begins at: a checkpoint of a log, or a snapshot of a replay. The log names the one that
    /// it is of as its parent (<see cref="Log.ParentLog"/>), and needs nothing of it. By default it begins with the machine as it
    /// was loaded.</summary>
    public ReplayStart? From { get; init; }

    /// <summary>A machine that another session has handed over, and that the recording is attached to: it begins in the state in which
    /// that stands. The session before has been completed, when all its loops had returned. None by default.</summary>
    public StandingMachine? Standing { get; init; }

    /// <summary>What the machine has beside its memory; required for <see cref="From"/>, which it takes over, and for
    /// <see cref="Standing"/>. By default that of
    /// <see cref="Checkpoints"/>.</summary>
    public ICheckpointState? State { get; init; }

    /// <summary>Writes into the log what the machine is built from, such as its image and configuration: at the recording's start, behind
    /// the header and before all that happens. By default nothing; a caller may as well write it when the recording has started.</summary>
    /// <remarks>Required for a recording that begins at a state and goes into a flight recorder's log, which keeps for ever what comes before
    /// its first checkpoint, and drops nothing behind it that is to be kept. One that writes nothing will do where there is
    /// nothing to write.</remarks>
    public Action<IEventLog>? WriteMachine { get; init; }

    /// <summary>What checkpoints keep, that at the beginning too.</summary>
    internal ICheckpointState? Kept => Checkpoints?.State ?? State;

    internal Sessions.FramePromises Promises => new(SharedFrames, PrivateFrames);

    internal void Validate()
    {
        Guard.InRange(DigestInterval >= 0, DigestInterval, nameof(DigestInterval), "Not negative.");
        Guard.InRange(AnswerTimeout > TimeSpan.Zero && AnswerTimeout.TotalMilliseconds <= int.MaxValue, AnswerTimeout,
            nameof(AnswerTimeout), "More than nothing, and at most 24 days.");
        Checkpoints?.Validate();
        if ((From is not null || Standing is not null) && Kept is null)
            throw new ArgumentException("A recording that begins at a state needs what the machine has beside its memory.", nameof(State));
        if (From is not null && Standing is not null)
            throw new ArgumentException("A recording begins at one state.", nameof(Standing));
    }
}
