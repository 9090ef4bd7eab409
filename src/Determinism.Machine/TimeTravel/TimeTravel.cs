using Determinism.Checkpoints;
using Determinism.X86;

namespace Determinism.Machine;

/// <summary>A recorded machine that can be taken to any instant of its run, forth and back, and looked at there.</summary>
/// <remarks>
/// <para>An instant is a <see cref="Cut"/> (<see cref="Cuts"/> finds it for an event or a count). The machine goes there from
/// where it stands, or from the last checkpoint before, whichever is nearer; without checkpoints, from the start. It then stands
/// still, and every vCPU's registers, memory and rights may be read. Nothing may be written.</para>
/// <para>Of a recording with the software counter, some backends stop at events and polls only, but run at the speed of the
/// hardware; another stops at every instruction, slowly. Given both, the fast one goes to the last place before the target where
/// the machine can be taken over, and the other goes on from there.</para>
/// <para>One thread at a time. What is thrown on the way leaves the machine nowhere: the next journey begins at a
/// checkpoint.</para>
/// </remarks>
public sealed class TimeTravel : IDisposable
{
    private readonly IEventLogReader _log;
    private readonly IMachineBackend _backend;
    private readonly IMachineBackend? _fast;
    private readonly MachineSurroundings _surroundings;
    private readonly MachineConfiguration _configuration;
    private readonly Reporter _reporter = new();
    private StandingReplay? _run;
    private Cut? _here;

    // Where a vCPU stands behind that, and in which interval.
    private InstructionPoint? _instruction;
    private EventInterval? _interval;

    // The fast backend's machine, and where it stands.
    private StandingReplay? _fastRun;
    private Cut? _fastHere;

    /// <summary>Opens a recording; the machine stands at its start after the first journey.</summary>
    /// <param name="log">The log, with the machine's configuration in it; stays the caller's, and must stay open and
    /// unchanged.</param>
    /// <param name="backend">Where it is replayed.</param>
    /// <param name="time">For timers that the guest sets; nothing of it reaches the guest.</param>
    /// <exception cref="LogDamagedException">The log cannot be read.</exception>
    /// <exception cref="ReplayRefusedException">The log does not hold its machine any more.</exception>
    public TimeTravel(IEventLogReader log, IMachineBackend backend, TimeProvider time)
        : this(log, backend, time, null)
    {
    }

    /// <summary>Opens a recording that two backends replay.</summary>
    /// <param name="log">The log, with the machine's configuration in it; stays the caller's, and must stay open and
    /// unchanged.</param>
    /// <param name="backend">Where the machine is in the end, and goes from instruction to instruction.</param>
    /// <param name="time">For timers that the guest sets; nothing of it reaches the guest.</param>
    /// <param name="fast">Where it is replayed up to the last place before the target at which it can be taken over. Left out if
    /// null, or if it refuses the recorded machine (<see cref="IsFast"/>).</param>
    /// <exception cref="LogDamagedException">The log cannot be read.</exception>
    /// <exception cref="ReplayRefusedException">The log does not hold its machine any more.</exception>
    public TimeTravel(IEventLogReader log, IMachineBackend backend, TimeProvider time, IMachineBackend? fast)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(time);
        _log = log;
        _backend = backend;
        _surroundings = new MachineSurroundings { Time = time, Entropy = static () => 0 };
        _configuration = MachineConfiguration.ReadFrom(log);
        Cuts = new LogCuts(log, LogCheckpoints.ReadFrom(log));
        _fast = fast is not null && Runs(fast) ? fast : null;
    }

    /// <summary>Whether a fast backend replays up to where the machine can be taken over.</summary>
    public bool IsFast => _fast is not null;

    /// <summary>Finds instants; its checkpoints are those that journeys start from.</summary>
    public LogCuts Cuts { get; }

    /// <summary>The recorded machine, to build another one that goes on from here (<see cref="TakeSnapshot"/>).</summary>
    public MachineConfiguration Configuration => _configuration;

    /// <summary>Where the machine stands; where a vCPU stands at an <see cref="Instruction"/>, the cut that it was counted
    /// from.</summary>
    /// <exception cref="InvalidOperationException">It has not been taken anywhere.</exception>
    public Cut Here => _here ?? throw Nowhere();

    /// <summary>The instruction that a vCPU stands at, counted from its last event; null if the machine stands at a
    /// cut.</summary>
    public InstructionPoint? Instruction => _instruction;

    /// <summary>The machine, which stands still; to be read only. Another one after each journey.</summary>
    /// <exception cref="InvalidOperationException">It has not been taken anywhere.</exception>
    public GuestMachine Machine => Standing.Machine;

    private StandingReplay Standing => _here is null ? throw Nowhere() : _run!;

    /// <summary>Takes the machine right after an event.</summary>
    /// <param name="agent">Whose event.</param>
    /// <param name="number">Its number, from 1; 0 for the start.</param>
    /// <param name="progress">Is told how far it has come, on other threads; none by default.</param>
    /// <param name="cancellationToken">Ends the journey.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such agent or event.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="DeterminismException">The replay failed.</exception>
    public void GoToEvent(int agent, ulong number, IProgress<SeekProgress>? progress = null,
        CancellationToken cancellationToken = default) => GoTo(Cuts.AfterEvent(agent, number), progress, cancellationToken);

    /// <summary>Takes the machine where a vCPU's clock shows a count: with retired instructions, to any instruction.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="count">The count; the vCPU's end, if it ended before.</param>
    /// <param name="progress">Is told how far it has come, on other threads; none by default.</param>
    /// <param name="cancellationToken">Ends the journey.</param>
    /// <exception cref="InvalidOperationException">The clock of the recording does not stop everywhere.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="DeterminismException">The replay failed.</exception>
    public void GoToCount(int vcpu, ulong count, IProgress<SeekProgress>? progress = null,
        CancellationToken cancellationToken = default) => GoTo(Cuts.AtCount(vcpu, count), progress, cancellationToken);

    /// <summary>Takes the machine to an instruction of a vCPU.</summary>
    /// <remarks>If the vCPU has another event before, the rest is counted from there, and <see cref="Instruction"/> says so. At the
    /// end of its stream it stops.</remarks>
    /// <param name="point">The instruction.</param>
    /// <param name="progress">Is told how far it has come, on other threads; none by default.</param>
    /// <param name="cancellationToken">Ends the journey.</param>
    /// <exception cref="InvalidOperationException">The backend does not stop between any two instructions; or the point names a
    /// poll, and the recording has none.</exception>
    /// <exception cref="ArgumentException">There is no such vCPU, event or poll.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="DeterminismException">The replay failed: also if the poll does not come before the next event.</exception>
    public void GoToInstruction(InstructionPoint point, IProgress<SeekProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        EventInterval interval = Cuts.IntervalAfter(point.Vcpu, point.Event);
        if (point.Poll != 0)
            interval = Cuts.FromPoll(interval, point.Vcpu, point.Poll);
        point = point with { Event = interval.Start.Positions[point.Vcpu].Events };
        ulong done = 0;
        if (_instruction is { } here && here with { Instructions = 0 } == point with { Instructions = 0 }
            && here.Instructions <= point.Instructions && _here is not null && _here.IsSame(interval.Start))
            done = here.Instructions;
        else
            GoTo(interval.Start, progress, cancellationToken);
        while (true)
        {
            ulong left = point.Instructions - done;
            if (left > 0 && interval.End is not null)
                left = Step(point, left, interval, cancellationToken);
            _interval = interval;
            _instruction = point with { Instructions = point.Instructions - left };
            if (left == 0 || interval.End is null)
                return;
            interval = Cuts.IntervalAfter(point.Vcpu, point.Event + 1);
            point = new InstructionPoint(point.Vcpu, interval.Start.Positions[point.Vcpu].Events, left);
            done = 0;
            GoTo(interval.Start, progress, cancellationToken);
        }
    }

    /// <summary>Takes the machine to a cut.</summary>
    /// <param name="cut">The cut, of this log.</param>
    /// <param name="progress">Is told how far it has come, on other threads; none by default.</param>
    /// <param name="cancellationToken">Ends the journey.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="DeterminismException">The replay failed.</exception>
    public void GoTo(Cut cut, IProgress<SeekProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cut);
        Checkpoint? from = Cuts.LastBefore(cut);
        // A vCPU that stands behind its event comes to its next, and to nothing before that.
        Cut? here = _instruction is null ? _here : _interval!.End ?? _interval.Start;
        Cut? takeOver = _fast is null ? null : Cuts.FindTakeOver(cut);
        bool isNear = here is not null && here.IsWithin(cut) && (from is null || !here.IsWithin(from.Cut))
            && (takeOver is null || !here.IsWithin(takeOver) || here.IsSame(takeOver));
        _here = null;
        _instruction = null;
        _reporter.Target = progress;
        _reporter.Total = cut.EventCount;
        try
        {
            if (isNear)
                _run!.Session.GoTo(cut);
            else
                Begin(takeOver is null ? from : TakeOver(from, takeOver, cancellationToken), cut);
            _run!.Wait(cancellationToken);
        }
        catch
        {
            End();
            throw;
        }
        _here = cut;
    }

    /// <summary>Copies the whole machine, so that it goes on from here as a new execution
    /// (<see cref="Recording.RecordingOptions.From"/>).</summary>
    /// <remarks>If something is under way, such as a transfer of the disk, the machine first goes on as recorded until it is
    /// done (<see cref="LogCuts.Settle"/>): <see cref="Here"/> says where it stands then.</remarks>
    /// <param name="progress">Is told how far it has come, on other threads; none by default.</param>
    /// <param name="cancellationToken">Ends the journey.</param>
    /// <exception cref="InvalidOperationException">It has not been taken anywhere, or a vCPU stands behind its event
    /// (<see cref="Instruction"/>), where no clock names its place.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="DeterminismException">The replay failed.</exception>
    public ReplaySnapshot TakeSnapshot(IProgress<SeekProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (_instruction is { Instructions: > 0 } or { Poll: > 0 })
            throw new InvalidOperationException("A vCPU stands behind its event, and nothing goes on from there; take the machine to a cut.");
        Cut cut = Cuts.Settle(Here);
        if (!cut.IsSame(Here))
            GoTo(cut, progress, cancellationToken);
        return Standing.Session.TakeSnapshot();
    }

    /// <summary>A vCPU's registers.</summary>
    /// <param name="vcpu">The vCPU.</param>
    public X86Registers Registers(int vcpu)
    {
        IGuestProcessors processors = Machine.Processors;
        // Not every backend has fetched all of them.
        Span<byte> state = stackalloc byte[processors.StateBytes];
        processors.CaptureState(vcpu, state);
        return processors.Registers(vcpu);
    }

    /// <summary>Copies guest memory out.</summary>
    /// <param name="address">Guest-physical address.</param>
    /// <param name="destination">Where to.</param>
    public void ReadMemory(ulong address, Span<byte> destination) => Machine.Processors.ReadMemory(address, destination);

    /// <summary>An agent's right to a frame.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="frame">The frame: RAM first, then pseudo-frames.</param>
    public AccessRight RightOf(int agent, ulong frame) => Standing.Session.RightOf(agent, frame);

    /// <summary>Ends the replays under way.</summary>
    public void Dispose() => End();

    private static InvalidOperationException Nowhere() => new("The machine has not been taken anywhere yet.");

    private bool Runs(IMachineBackend backend)
    {
        try
        {
            backend.Create(_configuration).Dispose();
            return true;
        }
        catch (MachineRefusedException)
        {
            return false;
        }
    }

    private ulong Step(in InstructionPoint point, ulong instructions, EventInterval interval, CancellationToken cancellationToken)
    {
        try
        {
            return _run!.Step(point.Vcpu, instructions, interval, cancellationToken);
        }
        catch
        {
            End();
            throw;
        }
    }

    /// <summary>Takes the fast machine to a cut, and the machine over from it.</summary>
    private ReplaySnapshot TakeOver(Checkpoint? from, Cut cut, CancellationToken cancellationToken)
    {
        bool isNear = _fastHere is not null && _fastHere.IsWithin(cut) && (from is null || !_fastHere.IsWithin(from.Cut));
        _fastHere = null;
        if (isNear)
        {
            _fastRun!.Session.GoTo(cut);
        }
        else
        {
            _fastRun?.Dispose();
            _fastRun = null;
            _fastRun = Start(_fast!, from, cut);
        }
        _fastRun.Wait(cancellationToken);
        _fastHere = cut;
        return _fastRun.Session.TakeSnapshot();
    }

    private void Begin(ReplayStart? from, Cut cut)
    {
        _run?.Dispose();
        _run = null;
        _run = Start(_backend, from, cut);
    }

    private StandingReplay Start(IMachineBackend backend, ReplayStart? from, Cut cut)
    {
        var machine = new GuestMachine(_configuration, backend, _surroundings);
        try
        {
            return new StandingReplay(machine, _log, from, cut, _reporter);
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    private void End()
    {
        _here = null;
        _instruction = null;
        _fastHere = null;
        _run?.Dispose();
        _run = null;
        _fastRun?.Dispose();
        _fastRun = null;
    }

    private sealed class Reporter : IProgress<ulong>
    {
        public IProgress<SeekProgress>? Target { get; set; }

        public ulong Total { get; set; }

        public void Report(ulong value) => Target?.Report(new SeekProgress(Math.Min(value, Total), Total));
    }
}
