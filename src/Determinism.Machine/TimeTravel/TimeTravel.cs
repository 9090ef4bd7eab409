using Determinism.Checkpoints;
using Determinism.X86;

namespace Determinism.Machine;

/// <summary>A recorded machine that can be taken to any instant of its run, forth and back, and looked at there.</summary>
/// <remarks>
/// <para>An instant is a <see cref="Cut"/> (<see cref="Cuts"/> finds it for an event or a count). The machine goes there from
/// where it stands, or from the last checkpoint before, whichever is nearer; without checkpoints, from the start. It then stands
/// still, and every vCPU's registers, memory and rights may be read. Nothing may be written.</para>
/// <para>One thread at a time. What is thrown on the way leaves the machine nowhere: the next journey begins at a
/// checkpoint.</para>
/// </remarks>
public sealed class TimeTravel : IDisposable
{
    private readonly IEventLogReader _log;
    private readonly IMachineBackend _backend;
    private readonly MachineSurroundings _surroundings;
    private readonly MachineConfiguration _configuration;
    private readonly Reporter _reporter = new();
    private StandingReplay? _run;
    private Cut? _here;

    /// <summary>Opens a recording; the machine stands at its start after the first journey.</summary>
    /// <param name="log">The log, with the machine's configuration in it; stays the caller's, and must stay open and
    /// unchanged.</param>
    /// <param name="backend">Where it is replayed.</param>
    /// <param name="time">For timers that the guest sets; nothing of it reaches the guest.</param>
    /// <exception cref="LogDamagedException">The log cannot be read.</exception>
    /// <exception cref="ReplayRefusedException">The log does not hold its machine any more.</exception>
    public TimeTravel(IEventLogReader log, IMachineBackend backend, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(time);
        _log = log;
        _backend = backend;
        _surroundings = new MachineSurroundings { Time = time, Entropy = static () => 0 };
        _configuration = MachineConfiguration.ReadFrom(log);
        Cuts = new LogCuts(log, LogCheckpoints.ReadFrom(log));
    }

    /// <summary>Finds instants; its checkpoints are those that journeys start from.</summary>
    public LogCuts Cuts { get; }

    /// <summary>Where the machine stands.</summary>
    /// <exception cref="InvalidOperationException">It has not been taken anywhere.</exception>
    public Cut Here => _here ?? throw Nowhere();

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
        bool isNear = _here is not null && _here.IsWithin(cut) && (from is null || !_here.IsWithin(from.Cut));
        _here = null;
        _reporter.Target = progress;
        _reporter.Total = cut.EventCount;
        if (isNear)
            _run!.Session.GoTo(cut);
        else
            Begin(from, cut);
        try
        {
            _run!.Wait(cancellationToken);
        }
        catch
        {
            End();
            throw;
        }
        _here = cut;
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

    /// <summary>Ends the replay under way.</summary>
    public void Dispose() => End();

    private static InvalidOperationException Nowhere() => new("The machine has not been taken anywhere yet.");

    private void Begin(Checkpoint? from, Cut cut)
    {
        End();
        var machine = new GuestMachine(_configuration, _backend, _surroundings);
        try
        {
            _run = new StandingReplay(machine, _log, from, cut, _reporter);
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
        _run?.Dispose();
        _run = null;
    }

    private sealed class Reporter : IProgress<ulong>
    {
        public IProgress<SeekProgress>? Target { get; set; }

        public ulong Total { get; set; }

        public void Report(ulong value) => Target?.Report(new SeekProgress(Math.Min(value, Total), Total));
    }
}
