using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Ownership;
using Determinism.Sessions;

namespace Determinism.Recording;

/// <summary>Records a run of a machine.</summary>
public sealed class RecordingSession : ExecutionSession
{
    private readonly SharingProfile _profile = new();
    private readonly Func<ulong>? _finalState;
    private readonly FlightRecorder? _recorder;
    private CheckpointKeeper? _keeper;
    private int _isStopping;
    private readonly TimeSpan _patience;
    private bool _isLogEnded;
    private long _plantedInput;

    private RecordingSession(IVmBackend backend, MachineShape shape, IEventLog log, RecordingOptions options, AgentCheckpoint[]? from)
        : base(backend, shape, backend.Capabilities.Clock, options.Scheduler.Scope, options.Trace)
    {
        Log = log;
        (_patience, Time) = (options.AnswerTimeout, options.Time);
        Still = new StandStill(shape.AgentCount);
        _finalState = options.FinalState;
        _recorder = options.Checkpoints?.Recorder;
        Promises = options.Promises;
        Scheduler = options.Scheduler;
        DigestInterval = options.DigestInterval;
        KeepsStates = options.KeepStates;
        Order = new CausalOrder(shape.AgentCount, options.ReduceConstraints);
        SharingPolicy sharing = options.Scheduler.Sharing;
        bool mayTakeTurns = Scope == OwnershipScope.Frames && sharing.Turn > TimeSpan.Zero && shape.VcpuCount > 1
            && backend is IFrameRangeRights;
        Turns = mayTakeTurns ? new Turns(shape.VcpuCount, sharing, options.Time) : null;
        Tracker = new CrewTracker<RecordingSink>(shape.AgentCount, shape.FrameCount, Order, new RecordingSink(this),
            new CrewOptions
            {
                HoldTime = sharing.HoldTime,
                LongestHold = sharing.LongestHold,
                HoldTimeOf = mayTakeTurns ? frame => frame == shape.BatonFrame ? TurnTime(sharing) : null : null,
                FaultAround = sharing.FaultAround,
                FaultAroundBelow = sharing.FaultAround > 0 && backend is IFrameRangeRights ? shape.RamFrameCount : 0,
                AnswerTimeout = options.AnswerTimeout,
                Time = options.Time,
            });
        if (Scope == OwnershipScope.Frames)
            Tracker.ShareWithAll(shape.BatonFrame);
        Agents = new RecordingAgent[shape.AgentCount];
        for (int id = 0; id < Agents.Length; id++)
            Agents[id] = new RecordingAgent(this, id, from?[id]);
    }

    /// <summary>Who took which frame from whom.</summary>
    public SharingProfile Sharing => _profile;

    /// <inheritdoc />
    public override SessionStatistics Statistics
    {
        get
        {
            var events = new Dictionary<EventKind, long>();
            long bytes = 0;
            foreach (RecordingAgent agent in Agents)
            {
                bytes += agent.EventBytes;
                for (int kind = 1; kind < agent.Counts.Length; kind++)
                {
                    events.TryGetValue((EventKind)kind, out long sum);
                    events[(EventKind)kind] = sum + agent.Counts[kind];
                }
            }
            return new SessionStatistics
            {
                Events = events,
                EventBytes = bytes,
                SourcesOffered = Order.SourcesOffered,
                Constraints = Order.ConstraintsWritten,
                Steals = _profile.Count,
                TurnPhases = Turns?.Phases ?? 0,
                Exits = ExitsOf(Agents),
                Checkpoints = Checkpoints?.Count ?? 0,
                CheckpointBytes = Checkpoints?.Bytes ?? 0,
                LongestCheckpointPause = Checkpoints?.LongestPause ?? TimeSpan.Zero,
                LongestCheckpointStop = Checkpoints?.LongestStop ?? TimeSpan.Zero,
            };
        }
    }

    internal IEventLog Log { get; }

    internal FramePromises Promises { get; }

    /// <summary>Whether vCPUs take turns; null if they never do.</summary>
    internal Turns? Turns { get; }

    /// <summary>Where agents stand for a checkpoint, or to be handed over.</summary>
    internal StandStill Still { get; }

    /// <summary>Makes checkpoints; null if there are none.</summary>
    internal CheckpointMaker? Checkpoints { get; private set; }

    internal IVcpuScheduler Scheduler { get; }

    internal CausalOrder Order { get; }

    internal CrewTracker<RecordingSink> Tracker { get; }

    internal RecordingAgent[] Agents { get; }

    internal int DigestInterval { get; }

    internal bool KeepsStates { get; }

    internal TimeProvider Time { get; }

    internal bool IsStopping => Volatile.Read(ref _isStopping) != 0;

    /// <summary>The bug that a test has planted.</summary>
    internal Plant Plant
    {
        get;
        set
        {
            field = Tracker.Plant = Order.Plant = value;
            if (Checkpoints is { } checkpoints)
                checkpoints.Changes.Plant = value;
            if (_recorder is { } recorder)
                recorder.Plant = value;
            if (value == Plant.LoseWake)
                Array.ForEach(Agents, static agent => agent.LoseWake());
        }
    }

    /// <summary>Starts a recording: refuses what could not be replayed, writes the header, takes all rights away.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="log">Where to; as many streams as agents.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">The log has not one stream an agent, or an option or the shape is out of its
    /// range.</exception>
    /// <exception cref="RecordingRefusedException">The recording could not be replayed; or the state that it is to begin at is not of
    /// such a machine.</exception>
    /// <exception cref="LogDamagedException">That state cannot be read, or is not one of this machine.</exception>
    /// <exception cref="InvalidOperationException">A session has gone on with the machine that stands already, or the one before has not
    /// been completed.</exception>
    public static RecordingSession Start(IVmBackend backend, MachineShape shape, IEventLog log, RecordingOptions options)
    {
        Guard.NotNull(backend);
        Guard.NotNull(shape).Validate();
        Guard.NotNull(options).Validate();
        if (Guard.NotNull(log).StreamCount != shape.AgentCount)
            throw new ArgumentException("The log must have one stream an agent.", nameof(log));
        if (options.Checkpoints?.Recorder?.Log is { } recorded && log is FileEventLog or MemoryEventLog && log != recorded)
            throw new ArgumentException("The checkpoints are a flight recorder's, and the log is not its own.", nameof(log));
        if (log is FileEventLog { DropsOldest: true } && options.Checkpoints?.Recorder is null)
            throw new ArgumentException("A flight recorder's log needs its checkpoints.", nameof(options));
        if (options is { Checkpoints.Recorder: not null, WriteMachine: null } && (options.From is not null || options.Standing is not null))
            throw new ArgumentException("A flight recorder drops nothing behind what is written after its first checkpoint, and a recording that "
                + "begins at a state has that at once: give WriteMachine, one that writes nothing if there is nothing to write.", nameof(options));
        Preflight.ThrowIfRefused(backend, shape, options);

        AgentCheckpoint[]? from = options.From?.Agents ?? options.Standing?.Take(backend, shape);
        try
        {
            options.From?.Restore(backend, shape, options.Kept!);
            return Begin(backend, shape, log, options, from);
        }
        catch
        {
            options.Standing?.GiveBack();
            throw;
        }
    }

    private static RecordingSession Begin(IVmBackend backend, MachineShape shape, IEventLog log, RecordingOptions options,
        AgentCheckpoint[]? from)
    {
        log.AppendBlock(BlockKind.Header, new LogHeader
        {
            Shape = shape,
            Clock = backend.Capabilities.Clock,
            Scope = options.Scheduler.Scope,
            DigestInterval = options.DigestInterval,
            Backend = backend.Capabilities.Identity,
            Processor = backend.Capabilities.ProcessorIdentity,
            Guest = options.Guest,
            InitialState = options.InitialState,
            SharedFrames = options.SharedFrames,
            PrivateFrames = options.PrivateFrames,
            BeginsAtCheckpoint = from is not null,
        }.ToBytes());
        if (options.From is { Origin: { } parent, Cut: var cut })
            log.AppendBlock(BlockKind.ParentLog,
                new ParentLog { Identity = parent.Identity, HeaderDigest = parent.HeaderDigest, Cut = cut }.ToBytes());
        options.WriteMachine?.Invoke(log);

        var session = new RecordingSession(backend, shape, log, options, from);
        bool isParallel = options.Scheduler.Scope == OwnershipScope.Frames;
        backend.SetAllRights(isParallel ? AccessRight.None : AccessRight.ReadWrite);
        if (isParallel)
        {
            options.Promises.GiveTo(session.Tracker);
            options.Promises.GiveTo(session);
        }
        // Whatever rights there were, everybody begins without.
        if (from is not null)
            session.WriteStart(options);
        else if (options.Checkpoints is not null)
            session.BeginCheckpoints(options, new CheckpointMaker(session, options, isWhole: false));
        return session;
    }

    /// <summary>Stops the machine where it is, writes all of it into the log as a checkpoint, and lets it go on. vCPUs stand
    /// still while what has changed is copied; it is written while they run.</summary>
    /// <remarks>Any thread but an agent's own, which would wait for itself. It returns when the block has been given to the
    /// log.</remarks>
    /// <returns>The checkpoint's number, from 1; 0 if the recording is over.</returns>
    /// <exception cref="InvalidOperationException">The recording was started without
    /// <see cref="RecordingOptions.Checkpoints"/>.</exception>
    /// <exception cref="HandoverTimeoutException">Some agent did not come to a point where it can stand still.</exception>
    /// <exception cref="LogWriteException">The log cannot be written.</exception>
    public int Checkpoint()
    {
        if (Checkpoints is null)
            throw new InvalidOperationException("The recording was started without checkpoints.");
        if (!Calls.TryEnter())
            return 0;
        try
        {
            int number = IsOver ? 0 : Checkpoints.Make();
            _keeper?.BeginAnew();
            return number;
        }
        finally
        {
            Calls.Leave();
        }
    }

    /// <summary>Detaches the recording from the machine, which goes on under another session: the log ends where the machine stands, and
    /// its replay ends there in the same state.</summary>
    /// <remarks>Any thread but an agent's. When it returns, agents' loops do: join them, call <see cref="ExecutionSession.Complete"/>,
    /// which closes the log, start the next session, and run each loop again under it.</remarks>
    /// <exception cref="HandoverTimeoutException">The agents took longer than <see cref="RecordingOptions.AnswerTimeout"/> to stand. The
    /// recording goes on.</exception>
    /// <exception cref="InvalidOperationException">The recording is over.</exception>
    /// <exception cref="DeterminismException">It has failed.</exception>
    /// <exception cref="LogWriteException">The log cannot be written.</exception>
    public StandingMachine HandOver()
    {
        StandingMachine machine = HandOver(Still, _patience, Time, EndHere, agent => Agents[agent].EndWait());
        _keeper?.Stop();
        return machine;
    }

    /// <inheritdoc />
    public override AgentSession Agent(int id)
    {
        Guard.InRange((uint)id < (uint)Agents.Length, id, nameof(id), "No such agent.");
        return Agents[id];
    }

    private protected override void OnStopWaiting()
    {
        Interlocked.Exchange(ref _isStopping, 1);
        WakeAll();
    }

    private protected override void OnComplete()
    {
        _keeper?.Dispose();
        if (!_isLogEnded)
            EndLog();
        Log.Complete();
        ThrowIfFailed();
    }

    /// <summary>Writes the checkpoint that the log begins at.</summary>
    private void WriteStart(RecordingOptions options)
    {
        var maker = new CheckpointMaker(this, options, isWhole: true);
        maker.WriteStart();
        if (options.Checkpoints is not null)
            BeginCheckpoints(options, maker);
    }

    private void BeginCheckpoints(RecordingOptions options, CheckpointMaker maker)
    {
        CheckpointOptions checkpoints = options.Checkpoints!;
        Checkpoints = maker;
        NoteWriters();
        if (checkpoints.CountsEvents || checkpoints.Interval != Timeout.InfiniteTimeSpan)
            _keeper = new CheckpointKeeper(this, checkpoints, options.Time);
    }

    /// <summary>Takes down who may write which frame at this moment. While nobody runs.</summary>
    internal void NoteWriters()
    {
        foreach (RecordingAgent agent in Agents)
        {
            foreach (FrameRequest held in Tracker.HeldBy(agent.Id))
            {
                if (held.Right == AccessRight.ReadWrite)
                    Checkpoints!.Changes.Note(agent.Id, held.Frame);
            }
        }
    }

    /// <summary>Tells that an agent has had some more events.</summary>
    internal void CountEvents(long events, long bytes) => _keeper?.Count(events, bytes);

    internal bool CountsEvents => _keeper is not null;

    /// <summary>Ends the log where all agents stand.</summary>
    private AgentCheckpoint[] EndHere()
    {
        AgentCheckpoint[] agents = Array.ConvertAll(Agents, static agent => agent.TakeStandingDown());
        // What is the caller's may fail, and then the recording goes on.
        ulong? state = _finalState?.Invoke();
        Log.AppendBlock(BlockKind.LogEnd, LogEnd.ToBytes(new Cut(Array.ConvertAll(agents, agent => agent.Position with
        {
            Position = agent.Position.Position + (Plant == Plant.EndOffByOne ? 1UL : 0),
        }))));
        _isLogEnded = true;
        AppendSummary(state);
        return agents;
    }

    private void EndLog()
    {
        _isLogEnded = true;
        // Of a run that was cut short, the log does not say exactly where it stopped.
        AppendSummary(Array.TrueForAll(Agents, agent => agent.HasEnded) ? _finalState?.Invoke() : null);
    }

    private void AppendSummary(ulong? finalState)
    {
        if (finalState is { } digest)
            Log.AppendBlock(BlockKind.FinalState, FinalState.ToBytes(digest));
        if (_profile.Count > 0)
            Log.AppendBlock(BlockKind.SharingProfile, _profile.ToBytes());
    }

    /// <inheritdoc />
    public override string DescribeWaits() => Tracker.DescribeWaits();

    // Nobody is kept from going on side by side.
    private TimeSpan TurnTime(SharingPolicy sharing) => Turns!.AreTaken ? sharing.Turn : TimeSpan.Zero;

    internal void Stolen(ulong frame, int winner, int loser) => _profile.Add(new Steal(
        frame, winner, loser, Agents[winner].Point.InstructionPointer, Agents[loser].Point.InstructionPointer));

    internal ulong PlantOffset(EventKind kind) =>
        Plant == Plant.PointOffByOne && kind == EventKind.Reduction
        || Plant == Plant.InterruptLate && kind == EventKind.Asynchronous ? 1UL : 0;

    internal ulong PlantInput(ulong value) => Plant == Plant.SwapInput
        ? (ulong)Interlocked.Exchange(ref _plantedInput, (long)value)
        : value;

    private protected override void OnOver()
    {
        Tracker.Abort();
        Still.Abort();
        _keeper?.Stop();
        Scheduler.Abort();
        ExpelVcpus();
        WakeAll();
    }

    private void WakeAll()
    {
        foreach (RecordingAgent agent in Agents)
            agent.OnWake();
    }
}
