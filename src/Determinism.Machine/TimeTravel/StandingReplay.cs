using Determinism.Checkpoints;
using Determinism.Replaying;

namespace Determinism.Machine;

/// <summary>A machine that replays on threads of its own, from cut to cut.</summary>
internal sealed class StandingReplay : IDisposable
{
    private readonly Task _run;

    public StandingReplay(GuestMachine machine, IEventLogReader log, Checkpoint? from, Cut until, IProgress<ulong> progress)
    {
        Machine = machine;
        Session = MachineRuns.StartReplay(machine, log,
            options => options with { From = from, Until = until, Progress = progress });
        _run = Task.Factory.StartNew(() => Machine.Run(Session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public GuestMachine Machine { get; }

    public ReplaySession Session { get; }

    /// <summary>Waits until the machine stands.</summary>
    /// <exception cref="OperationCanceledException">The caller wanted no more of it.</exception>
    /// <exception cref="DeterminismException">The replay failed.</exception>
    public void Wait(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration cancelled = cancellationToken.Register(Session.Cancel);
        if (Session.WaitForCut())
            return;
        Task.WaitAny([_run], CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        Exception? error = _run.Exception?.InnerException;
        throw error as DeterminismException ?? new DeterminismException("The replay ended before the cut.", error!);
    }

    public void Dispose()
    {
        Session.Cancel();
        Task.WaitAny([_run], CancellationToken.None);
        Session.Dispose();
        Machine.Dispose();
    }
}
