using Determinism.Debugging;
using Determinism.Emulation.Observation;
using Determinism.Machine;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.Emulation.History;

/// <summary>A replay whose agents run one at a time, in one order, and that stands between any two instructions.</summary>
/// <remarks>One call at a time. Agents' threads and the caller's take turns, so none of it needs a lock.</remarks>
internal sealed class LinearReplay : IInstructionObserver, IMachineObserver, IDisposable
{
    private readonly ReplayTurns _turns = new();
    private readonly CheckpointTrail _trail;
    private readonly Task _run;
    private readonly List<HistoryAccess> _accesses = [];
    private bool _hasBegun;

    // The checkpoint that the machine comes to next.
    private int _next;

    // A step is told when it is known what comes next.
    private bool _isUntold;
    private bool _hasStepped;
    private int _lastVcpu;
    private bool _isStopWanted;

    // What the call that is under way wants.
    private ulong _limit;
    private IHistoryObserver? _observer;
    private CancellationToken _cancellation;

    /// <param name="configuration">The machine.</param>
    /// <param name="log">The log.</param>
    /// <param name="trail">Its checkpoints; is told where they are met.</param>
    /// <param name="from">The checkpoint that it starts from.</param>
    /// <param name="position">Where that was met.</param>
    /// <exception cref="ReplayRefusedException">The managed machine cannot replay the log.</exception>
    public LinearReplay(MachineConfiguration configuration, IEventLogReader log, CheckpointTrail trail, int from, ulong position)
    {
        _trail = trail;
        _next = trail.After(from);
        Position = position;
        var surroundings = new MachineSurroundings { Time = new StoppedTime(), Entropy = static () => 0 };
        Machine = new GuestMachine(configuration, new ObservedBackend(this), surroundings) { Observer = this };
        try
        {
            Session = MachineRuns.StartReplay(Machine, log, options => options with
            {
                Turns = _turns,
                From = from == CheckpointTrail.Start ? null : trail[from],
                Until = _next == CheckpointTrail.Start ? null : trail[_next].Cut,
            });
        }
        catch
        {
            Machine.Dispose();
            throw;
        }
        _run = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public GuestMachine Machine { get; }

    public ReplaySession Session { get; }

    /// <summary>Instructions that have retired.</summary>
    public ulong Position { get; private set; }

    /// <summary>The vCPU whose instruction comes next; -1 at the end.</summary>
    public int NextVcpu { get; private set; } = -1;

    /// <summary>Is told the writes from the first step on: what belongs to the step before is not.</summary>
    public IWriteObserver? Writes { get; set; }

    public Lock Turn { get; } = new();

    public bool IsToldBefore => true;

    /// <summary>As <see cref="IHistory.Advance"/>.</summary>
    /// <exception cref="DeterminismException">The replay failed.</exception>
    public void Advance(ulong limit, IHistoryObserver? observer, CancellationToken cancellation)
    {
        if (_hasBegun && (limit <= Position || NextVcpu < 0))
            return;
        _hasBegun = true;
        (_limit, _observer, _cancellation) = (limit, observer, cancellation);
        while (_turns.Go())
        {
            if (!_turns.AreStanding)
                return;
            PassCheckpoint();
        }
        Task.WaitAny([_run], CancellationToken.None);
        NextVcpu = -1;
        if (_run.Exception?.InnerException is { } error)
            throw error as DeterminismException ?? new DeterminismException("The replay failed: " + error.Message, error);
        Tell();
    }

    public void Before(int vcpu)
    {
        NextVcpu = vcpu;
        bool isStopWanted = Tell() | _isStopWanted;
        _isStopWanted = false;
        if (isStopWanted || Position >= _limit || _cancellation.IsCancellationRequested)
            _turns.Pause(vcpu);
    }

    public void Retired(int vcpu, ObservedInstruction instruction, ReadOnlySpan<ObservedAccess> accesses)
    {
        TellLate(vcpu);
        _hasStepped = true;
        foreach (ref readonly ObservedAccess access in accesses)
            Note(vcpu, instruction, access.Access);
    }

    public void Stepped(int vcpu)
    {
        TellLate(vcpu);
        Position++;
        _lastVcpu = vcpu;
        _isUntold = true;
        _hasStepped = true;
    }

    public void Accessed(int agent, MemoryAccess access, bool releases)
    {
        // What devices and the monitor do comes from the step before, or there is none yet.
        if (_hasStepped)
            Note(agent, null, access);
    }

    public void Sent(int agent, int device, int item)
    {
    }

    public void Received(int agent, int device, int item)
    {
    }

    public void Dispose()
    {
        Session.Cancel();
        Task.WaitAny([_run], CancellationToken.None);
        Session.Dispose();
        Machine.Dispose();
    }

    private void PassCheckpoint()
    {
        _trail.Meet(_next, Position);
        _next = _trail.After(_next);
        if (_next == CheckpointTrail.Start)
            Session.GoToEnd();
        else
            Session.GoTo(_trail[_next].Cut);
    }

    private void Note(int agent, ObservedInstruction? instruction, in MemoryAccess access)
    {
        if (access.Size == 0)
            return;
        bool isWrite = access.Right == AccessRight.ReadWrite;
        _accesses.Add(new HistoryAccess(access.Address, access.Size, !isWrite || instruction is { UpdatesMemory: true }, isWrite));
        if (isWrite)
            Writes?.Written(agent, instruction?.Address, access);
    }

    /// <summary>An instruction has retired that nobody expected to; the one before has yet to be told.</summary>
    private void TellLate(int vcpu)
    {
        if (!_isUntold)
            return;
        NextVcpu = vcpu;
        _isStopWanted |= Tell();
    }

    private bool Tell()
    {
        if (!_isUntold)
            return false;
        _isUntold = false;
        bool isStopWanted = _observer?.Taken(new HistoryStep(
            RecordedHistory.ThreadOf(_lastVcpu), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_accesses))) ?? false;
        _accesses.Clear();
        return isStopWanted;
    }

    private void Run()
    {
        try
        {
            Machine.Run(Session);
        }
        finally
        {
            // Whatever it failed of, whoever waits for the machine must hear of it.
            Session.Cancel();
        }
    }
}
