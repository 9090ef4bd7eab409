using Determinism.Recording;

namespace Determinism.Machine;

/// <summary>A machine that runs on threads of its own, and that recordings are attached to and detached from while it does.</summary>
/// <remarks>Thread-safe; attaching and detaching wait for each other.</remarks>
public sealed class RunningMachine : IDisposable
{
    private readonly object _lock = new();
    private readonly GuestMachine _machine;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private ExecutionSession _session;
    private Task _run;

    /// <summary>Starts a machine, unrecorded.</summary>
    /// <param name="machine">A machine that has not run; stays the caller's.</param>
    /// <param name="time">Time for patience; none of it reaches the guest.</param>
    /// <param name="patience">How long the machine may take to stand still for a moment, more than zero, at most 24 days; 30 seconds by
    /// default.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such patience.</exception>
    public RunningMachine(GuestMachine machine, TimeProvider time, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(time);
        _machine = machine;
        _time = time;
        _patience = patience ?? TimeSpan.FromSeconds(30);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_patience, TimeSpan.Zero, nameof(patience));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_patience.TotalMilliseconds, int.MaxValue, nameof(patience));
        _session = MachineRuns.StartUnrecorded(machine);
        _run = Run(_session);
    }

    /// <summary>The session that the machine runs under at the moment.</summary>
    public ExecutionSession Session
    {
        get
        {
            lock (_lock)
                return _session;
        }
    }

    /// <summary>Whether the guest has ended, or its run has failed (<see cref="WaitForEnd"/>).</summary>
    public bool HasEnded
    {
        get
        {
            lock (_lock)
                return _run.IsCompleted;
        }
    }

    /// <summary>Begins to record: the log begins in the state that the machine is in.</summary>
    /// <param name="log">Where to; one stream more than there are vCPUs. It is completed when the recording is detached, or the guest
    /// has ended.</param>
    /// <param name="scheduler">Which vCPU runs when, from now on.</param>
    /// <param name="adjust">Changes to the options; none by default.</param>
    /// <exception cref="InvalidOperationException">It is being recorded, or has ended.</exception>
    /// <exception cref="HandoverTimeoutException">The machine did not stand still. It goes on unrecorded.</exception>
    /// <exception cref="RecordingRefusedException">The recording could not be replayed. The machine goes on unrecorded.</exception>
    /// <exception cref="LogWriteException">The log cannot be written. The machine goes on unrecorded.</exception>
    public void Attach(IEventLog log, IVcpuScheduler scheduler, Func<RecordingOptions, RecordingOptions>? adjust = null)
    {
        lock (_lock)
        {
            if (_session is not UnrecordedSession unrecorded)
                throw new InvalidOperationException("The machine is being recorded already.");
            StandingMachine standing = unrecorded.HandOver(_time, _patience);
            Finish();
            try
            {
                GoOn(MachineRuns.StartRecording(_machine, log, scheduler, _time, options =>
                    (adjust?.Invoke(options) ?? options) with { Standing = standing }));
            }
            catch
            {
                GoOn(MachineRuns.StartUnrecorded(_machine, standing));
                throw;
            }
        }
    }

    /// <summary>Ends the recording where the machine is, which goes on unrecorded. The log is complete, and its replay ends
    /// there.</summary>
    /// <exception cref="InvalidOperationException">It is not being recorded, or has ended.</exception>
    /// <exception cref="HandoverTimeoutException">The machine did not stand still. It goes on being recorded.</exception>
    /// <exception cref="LogWriteException">The log cannot be written. If that shows no sooner than when it is closed, the machine goes on
    /// unrecorded.</exception>
    public void Detach()
    {
        lock (_lock)
        {
            if (_session is not RecordingSession recording)
                throw new InvalidOperationException("The machine is not being recorded.");
            StandingMachine standing = recording.HandOver();
            try
            {
                Finish();
            }
            finally
            {
                GoOn(MachineRuns.StartUnrecorded(_machine, standing));
            }
        }
    }

    /// <summary>Waits until the guest has ended.</summary>
    /// <exception cref="DeterminismException">Something failed: the first failure.</exception>
    public void WaitForEnd()
    {
        while (true)
        {
            Task run;
            lock (_lock)
                run = _run;
            Task.WaitAny([run], CancellationToken.None);
            lock (_lock)
            {
                // What failed in a run before this one, whoever detached it was told.
                if (run != _run)
                    continue;
            }
            run.GetAwaiter().GetResult();
            return;
        }
    }

    /// <summary>Ends the run, if the guest has not ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _session.Cancel();
            Task.WaitAny([_run], CancellationToken.None);
            _session.Dispose();
        }
    }

    private void Finish()
    {
        try
        {
            _run.GetAwaiter().GetResult();
        }
        finally
        {
            _session.Dispose();
        }
    }

    private void GoOn(ExecutionSession session)
    {
        _session = session;
        _run = Run(session);
    }

    private Task Run(ExecutionSession session) => Task.Factory.StartNew(
        () => _machine.Run(session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
