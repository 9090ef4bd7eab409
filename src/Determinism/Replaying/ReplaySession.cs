using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.Log;
using Determinism.Scheduling;
using Determinism.Sessions;

namespace Determinism.Replaying;

/// <summary>Replays a recorded run, exactly, or says where it could not.</summary>
public sealed class ReplaySession : ExecutionSession
{
    private const int LongestInstruction = 15;

    private readonly IEventLogReader _log;
    private readonly ReplayingAgent[] _agents;
    private readonly FramePromises _promises;
    private readonly ReplayScheduler _scheduler;
    private readonly ReplayTurns? _turns;
    private readonly IInstructionText? _text;
    private readonly Func<ulong>? _finalState;
    private readonly ulong? _recordedFinalState;
    private readonly IProgress<ulong>? _progress;
    private readonly ICheckpointState? _state;
    private long _replayed;

    private ReplaySession(IVmBackend backend, IEventLogReader log, LogHeader header, ReplayOptions options)
        : base(backend, header.Shape, header.Clock, header.Scope, options.Trace)
    {
        _log = log;
        _turns = options.Turns;
        _scheduler = new ReplayScheduler(header.Shape.AgentCount, header.Scope, options.Time, options.Turns);
        WithholdsConstraints = options.WithholdConstraints;
        _promises = header.Promises;
        _text = options.Text;
        _finalState = options.FinalState;
        _recordedFinalState = FinalState.Find(log);
        _progress = options.Progress;
        _state = options.State;
        _replayed = (long)(options.From?.Cut.EventCount ?? 0);
        Cut? end = LogEnd.Find(log);
        Gate = new CutGate(header.Shape.AgentCount);
        Gate.MoveTo(options.Until);
        _agents = new ReplayingAgent[header.Shape.AgentCount];
        for (int id = 0; id < _agents.Length; id++)
            _agents[id] = new ReplayingAgent(this, id, log, options.From?.Agents[id], end?.Positions[id]);
    }

    /// <summary>Whether every agent came to the end that the log has for it: its own, or where the recording was detached. False for a
    /// log that breaks off.</summary>
    public bool ReachedEveryEnd => Array.TrueForAll(_agents, static agent => agent.ReachedEnd);

    /// <inheritdoc />
    public override SessionStatistics Statistics
    {
        get
        {
            var events = new Dictionary<EventKind, long>();
            long constraints = 0;
            foreach (ReplayingAgent agent in _agents)
            {
                constraints += agent.ConstraintCount;
                for (int kind = 1; kind < agent.Counts.Length; kind++)
                {
                    events.TryGetValue((EventKind)kind, out long sum);
                    events[(EventKind)kind] = sum + agent.Counts[kind];
                }
            }
            return new SessionStatistics { Events = events, Constraints = constraints, Exits = ExitsOf(_agents) };
        }
    }

    internal IVcpuScheduler Scheduler => _scheduler;

    internal CutGate Gate { get; }

    internal bool WithholdsConstraints { get; }

    /// <summary>Starts a replay: checks that this machine can replay the log, and prepares all rights.</summary>
    /// <param name="backend">The machine, in the state that the recording started from.</param>
    /// <param name="log">The log.</param>
    /// <param name="options">What to check against.</param>
    /// <exception cref="ReplayRefusedException">This machine cannot replay the log, or what a replay needs was taken out of
    /// it.</exception>
    /// <exception cref="LogDamagedException">The log has no readable header, or not a stream an agent.</exception>
    public static ReplaySession Start(IVmBackend backend, IEventLogReader log, ReplayOptions options)
    {
        Guard.NotNull(backend);
        Guard.NotNull(options);
        LogHeader header = ReadHeader(Guard.NotNull(log));
        if (log.StreamCount != header.Shape.AgentCount)
            throw new LogDamagedException(
                $"The log has {log.StreamCount} streams for {header.Shape.AgentCount} agents.");
        Compatibility.ThrowIfRefused(header, backend.Capabilities, options, Redactions.Obstacles(log));
        options = options with { From = options.From ?? LogCheckpoints.FindStart(log, header) };
        if (options.From is { } from)
            Restore(backend, header.Shape, from, options);

        var session = new ReplaySession(backend, log, header, options);
        // By protection, rights come from each agent's own stream only; by position, none is needed.
        bool isByProtection = header.Clock == ClockKind.SoftwareCounter && header.Scope == OwnershipScope.Frames;
        backend.SetAllRights(isByProtection ? AccessRight.None : AccessRight.ReadWrite);
        if (isByProtection)
            header.Promises.GiveTo(session);
        if (isByProtection && options.From is not null)
            session.GiveRights();
        return session;
    }

    /// <summary>Waits until every agent stands at the cut, or has come to the end of its stream. Then nothing of the machine
    /// moves until <see cref="GoTo"/>, <see cref="GoToEnd"/> or the session's end, and all of it may be read.</summary>
    /// <remarks>Any thread but an agent's.</remarks>
    /// <returns>False: the session is over before; <see cref="ExecutionSession.Failure"/> says why, if there was a
    /// failure.</returns>
    public bool WaitForCut() => Gate.WaitForAll();

    /// <summary>Sends the agents on to another cut, which none of them may have passed. When they stand
    /// (<see cref="WaitForCut"/>), or before they begin.</summary>
    /// <param name="cut">The cut, of the same log.</param>
    /// <exception cref="ArgumentException">The machine is past it.</exception>
    public void GoTo(Cut cut)
    {
        Guard.NotNull(cut);
        if (Gate.Cut is { } now && !now.IsWithin(cut))
            throw new ArgumentException($"The machine is past it: {cut}. It stands at {now}.", nameof(cut));
        Gate.MoveTo(cut.Renew());
    }

    /// <summary>Makes the calling vCPU stand where it is, in the middle of the guest, as if the cut were there: until the agents
    /// are sent on, or the session is over. On the vCPU's thread, within its run of a slice.</summary>
    /// <remarks>For backends that stop between any two instructions, whatever the clock. No effect where the agents go to the
    /// end.</remarks>
    public void StandHere()
    {
        if (Gate.Cut is { } cut)
            Gate.Stand(cut);
    }

    /// <summary>Sends the agents on to the end of the log.</summary>
    public void GoToEnd() => Gate.MoveTo(null);

    /// <summary>Copies the whole machine where its agents stand (<see cref="WaitForCut"/>), so that another replay starts
    /// there, or a new execution.</summary>
    /// <remarks>
    /// <para>An agent's loop begins anew there. So each agent must stand where nothing of it is under way: at cuts of
    /// <see cref="LogCuts.FindTakeOver"/> and <see cref="LogCuts.Settle"/>, and at checkpoints.</para>
    /// <para>Any thread but an agent's.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">The agents do not stand at a cut, or one of them in the middle of its work; or the
    /// replay was started without <see cref="ReplayOptions.State"/>.</exception>
    public ReplaySnapshot TakeSnapshot()
    {
        if (_state is null)
            throw new InvalidOperationException("A snapshot needs the machine's state.");
        if (Gate.Cut is null || !(_turns?.AreStanding ?? Gate.IsStill))
            throw new InvalidOperationException("The agents do not stand at a cut.");
        if (Array.Find(_agents, static agent => agent.IsAtWork) is { } busy)
            throw new InvalidOperationException($"Agent {busy.Id} stands in the middle of its work.");
        // First, since a backend may have fetched only a part of the registers.
        AgentCheckpoint[] agents = Array.ConvertAll(_agents, static agent => agent.TakeDown());
        var state = new GrowingBuffer();
        _state.Save(state);
        var memory = new List<(ulong, byte[])>();
        foreach (ulong piece in TouchedPieces.Of(Backend, Shape, _promises.Shared))
        {
            ulong address = piece * Pieces.Bytes;
            var content = new byte[(int)Math.Min(Pieces.Bytes, Shape.MemoryBytes - address)];
            Backend.ReadMemory(address, content);
            memory.Add((address, content));
        }
        return new ReplaySnapshot(agents, state.Written.ToArray(), memory, LogOrigin.Of(_log));
    }

    /// <summary>An agent's right to a frame. While the agents stand.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="frame">The frame: RAM first, then pseudo-frames.</param>
    public AccessRight RightOf(int agent, ulong frame)
    {
        Guard.InRange((uint)agent < (uint)_agents.Length, agent, nameof(agent), "No such agent.");
        Guard.InRange(frame < Shape.FrameCount, frame, nameof(frame), "No such frame.");
        return _agents[agent].RightOf(frame);
    }

    /// <summary>The header of a log.</summary>
    /// <param name="log">The log.</param>
    /// <exception cref="LogDamagedException">There is none that can be read.</exception>
    public static LogHeader ReadHeader(IEventLogReader log) =>
        Guard.NotNull(log).TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> content)
            ? LogHeader.FromBytes(content.Span)
            : throw new LogDamagedException("The log has no header.");

    /// <inheritdoc />
    public override AgentSession Agent(int id)
    {
        Guard.InRange((uint)id < (uint)_agents.Length, id, nameof(id), "No such agent.");
        return _agents[id];
    }

    /// <summary>An agent has come to its position of a cut: waits until it is sent on, or the replay is over.</summary>
    internal void Stand(int agent, Cut cut)
    {
        if (_turns is null)
            Gate.Stand(cut);
        else if (!_turns.TryStand(agent))
            throw new ReplayDeadlockException($"Nobody can go on to {cut}. {DescribeWaits()}");
    }

    private protected override void OnAgentStarted(int id) => _turns?.Begin(id);

    private protected override void OnAgentLeft(int id)
    {
        if (_turns is not null && !_turns.TryLeave(id))
            Fail(new ReplayDeadlockException($"Nobody can go on. {DescribeWaits()}"));
    }

    private static void Restore(IVmBackend backend, MachineShape shape, ReplayStart from, ReplayOptions options)
    {
        if (options.State is null)
            throw new ArgumentException("A replay from a checkpoint needs what takes over the machine's state.", nameof(options));
        if (options.Until is { } until && !from.Cut.IsWithin(until))
            throw new ArgumentException("The replay would start after the cut that it is to come to.", nameof(options));
        from.Restore(backend, shape, options.State);
    }

    private void GiveRights()
    {
        for (int vcpu = 0; vcpu < Shape.VcpuCount; vcpu++)
            _agents[vcpu].GiveRights();
    }

    /// <summary>One more event was replayed. Any agent's thread.</summary>
    internal void CountEvent()
    {
        const long Interval = 1024;
        if (_progress is null)
            return;
        long replayed = Interlocked.Increment(ref _replayed);
        if (replayed % Interval == 0)
            _progress.Report((ulong)replayed);
    }

    private protected override void OnStopWaiting()
    {
    }

    private protected override void OnComplete()
    {
        ThrowIfFailed();
        if (IsOver)
            return;
        ReplayingAgent? late = Array.Find(_agents, agent => !agent.HasEnded && !agent.ReachedEndOfLog);
        if (late is not null)
            throw new ReplayDivergenceException(
                $"Agent {late.Id} stopped after {late.CompletedEvents} events, before the end of its stream.");
        if (ReachedEveryEnd && _finalState is not null && _recordedFinalState is { } recorded
            && _finalState() is ulong actual && actual != recorded)
            throw new ReplayDivergenceException(
                $"All events are as recorded, but the run came to another state: 0x{actual:X16}, recorded 0x{recorded:X16}.");
    }

    /// <inheritdoc />
    public override string DescribeWaits() => _scheduler.DescribeWaits();

    internal bool IsPromised(int agent, FrameRequest request) => _promises.Cover(agent, request);

    internal IEnumerable<FrameRequest> PromisedTo(int agent) => _promises.HeldBy(agent);

    internal string DescribeState(ReadOnlySpan<byte> state) =>
        _text is null || state.IsEmpty ? "" : _text.DescribeState(state);

    internal ReplayDivergenceException MakeDivergence(ReplayingAgent agent, EventCursor cursor, string actual,
        string cause, string state)
    {
        ulong number = cursor.Consumed + 1;
        string expected = cursor.MoveToNext() ? EventText.Describe(cursor.Next) : "the end of the stream";
        string recordedState = FindRecordedState(cursor);
        var lines = new List<string>();
        foreach (ReplayingAgent one in _agents)
            lines.AddRange(one.DescribeHistory());
        string both = recordedState.Length > 0 ? $"recorded:\n{recordedState}\nreplayed:\n{state}" : state;
        return new ReplayDivergenceException(new DivergenceReport
        {
            Agent = agent.Id,
            EventNumber = number,
            Expected = expected,
            Actual = actual,
            Point = agent.Point,
            Instruction = agent.IsVcpu ? DescribeInstruction(agent.Point.InstructionPointer) : "",
            State = both,
            LastEvents = lines,
            LikelyCause = cause,
        });
    }

    private protected override void OnOver()
    {
        Gate.Abort();
        Scheduler.Abort();
        ExpelVcpus();
    }

    /// <summary>The state that the recording kept at the place of the next event. The replay is over: the cursor may
    /// move.</summary>
    private string FindRecordedState(EventCursor cursor)
    {
        try
        {
            StreamEvent first = cursor.Next;
            for (; cursor.MoveToNext() && cursor.Next.IsSamePlace(first); cursor.Consume())
            {
                if (cursor.Next is { Kind: EventKind.Digest, HasBytes: true })
                    return DescribeState(cursor.Bytes);
            }
        }
        catch (LogDamagedException)
        {
            // The divergence came first.
        }
        return "";
    }

    private string DescribeInstruction(ulong address)
    {
        if (_text is null || address >= Shape.MemoryBytes)
            return "";
        var code = new byte[(int)Math.Min(LongestInstruction, Shape.MemoryBytes - address)];
        Backend.ReadMemory(address, code);
        return _text.Describe(code, address);
    }
}
