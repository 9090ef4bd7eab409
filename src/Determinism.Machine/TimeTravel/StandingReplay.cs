using Determinism.Checkpoints;
using Determinism.Replaying;

namespace Determinism.Machine;

/// <summary>A machine that replays on threads of its own, from cut to cut.</summary>
internal sealed class StandingReplay : IDisposable
{
    private readonly Thread _thread;
    private Exception? _error;

    public StandingReplay(GuestMachine machine, IEventLogReader log, Checkpoint? from, Cut until, IProgress<ulong> progress)
    {
        Machine = machine;
        Session = MachineRuns.StartReplay(machine, log,
            options => options with { From = from, Until = until, Progress = progress });
        _thread = new Thread(Run) { Name = "replay", IsBackground = true };
        _thread.Start();
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
        _thread.Join();
        cancellationToken.ThrowIfCancellationRequested();
        throw _error as DeterminismException ?? new DeterminismException("The replay ended before the cut.", _error!);
    }

    public void Dispose()
    {
        Session.Cancel();
        _thread.Join();
        Session.Dispose();
        Machine.Dispose();
    }

    private void Run()
    {
        try
        {
            Machine.Run(Session);
        }
#pragma warning disable CA1031 // Whatever it is, whoever waits for the machine throws it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _error = error;
        }
    }
}
