using Determinism.Checkpoints;
using Determinism.Machine;
using Determinism.Replaying;

namespace Determinism.TimeTravel.Tests.Support;

/// <summary>A replay on the managed machine from the start, by no checkpoint and no other way round, that is stopped here and
/// there.</summary>
internal sealed class StraightReplay : IDisposable
{
    private readonly Recorded _recorded;
    private Task? _run;
    private ReplaySession? _session;

    public StraightReplay(Recorded recorded)
    {
        _recorded = recorded;
        Machine = new GuestMachine(recorded.Configuration, Recorded.Managed,
            new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0, TimeLimit = TimeSpan.FromSeconds(20) });
    }

    public GuestMachine Machine { get; }

    /// <summary>Goes on to a cut.</summary>
    public void GoTo(Cut cut)
    {
        if (_session is null)
        {
            _session = MachineRuns.StartReplay(Machine, _recorded.Log, options => options with { Until = cut });
            _run = Task.Factory.StartNew(() => Machine.Run(_session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        else
        {
            _session.GoTo(cut);
        }
        if (!_session.WaitForCut())
            _run!.GetAwaiter().GetResult();
    }

    /// <summary>Takes a vCPU on in an interval that it stands in.</summary>
    /// <returns>How many instructions are left, since its next event comes first.</returns>
    public ulong Step(int vcpu, ulong instructions, EventInterval interval)
    {
        var stops = (IInstructionStops)Machine.Processors;
        stops.StopAfter(vcpu, instructions, _session!.StandHere);
        GoTo(interval.End!);
        return stops.WithdrawStop(vcpu);
    }

    public void Dispose()
    {
        _session?.Cancel();
        if (_run is not null)
            Task.WaitAny([_run]);
        _session?.Dispose();
        Machine.Dispose();
    }
}
