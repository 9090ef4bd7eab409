using Determinism.Checkpoints;
using Determinism.Replaying;

namespace Determinism.Machine;

/// <summary>A machine that replays on threads of its own, from cut to cut.</summary>
internal sealed class StandingReplay : IDisposable
{
    private readonly Task _run;

    public StandingReplay(GuestMachine machine, IEventLogReader log, ReplayStart? from, Cut until, IProgress<ulong> progress)
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

    /// <summary>Takes a vCPU some instructions further, while the others stand where they are.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="instructions">How many, at least one.</param>
    /// <param name="interval">What the vCPU does up to its next event; the machine stands in it.</param>
    /// <param name="cancellationToken">The caller wants no more of it.</param>
    /// <returns>How many are left, since its next event comes first.</returns>
    public ulong Step(int vcpu, ulong instructions, EventInterval interval, CancellationToken cancellationToken)
    {
        if (Machine.Processors is not IInstructionStops stops)
            throw new InvalidOperationException("The backend stops at places that the clock names, and nowhere else.");
        stops.StopAfter(vcpu, instructions, Session.StandHere);
        Session.GoTo(interval.End!);
        Wait(cancellationToken);
        return stops.WithdrawStop(vcpu);
    }

    public void Dispose()
    {
        Session.Cancel();
        Task.WaitAny([_run], CancellationToken.None);
        Session.Dispose();
        Machine.Dispose();
    }
}
