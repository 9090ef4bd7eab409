using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;
using Determinism.TimeTravel.Tests.Support;

namespace Determinism.TimeTravel.Tests.GoingLive;

/// <summary>A new execution from a state of a log, and what it came to.</summary>
internal sealed class Child
{
    private Child(MemoryEventLog log, MachineState end)
    {
        Log = log;
        End = end;
    }

    public MemoryEventLog Log { get; }

    public MachineState End { get; }

    /// <summary>Goes on from a state to the end.</summary>
    /// <param name="from">The state.</param>
    /// <param name="configuration">Its machine.</param>
    /// <param name="backend">Where it goes on.</param>
    /// <param name="seed">Of the schedule, and of what the guest is given.</param>
    /// <param name="checkpoints">Events between two checkpoints; 0 for none.</param>
    /// <param name="scheduler">Another than chaos.</param>
    public static Child Run(ReplayStart from, MachineConfiguration configuration, string backend, int seed, long checkpoints = 0,
        IVcpuScheduler? scheduler = null)
    {
        ulong drawn = (ulong)seed;
        using var machine = new GuestMachine(configuration, Recorded.Find(backend), new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = TimeSpan.FromMinutes(2), Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
        });
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using RecordingSession session = MachineRuns.StartRecording(
            machine, log, scheduler ?? new ChaosScheduler((ulong)seed, configuration.VcpuCount), TimeProvider.System, options => options with
            {
                From = from,
                Checkpoints = checkpoints > 0 ? new CheckpointOptions { State = machine, Events = checkpoints } : null,
            });
        machine.Run(session);
        Assert.All(machine.ExitCodes, static code => Assert.Equal(0UL, code));
        return new Child(log, MachineState.Capture(machine));
    }

    /// <summary>Replays it, told nothing but its log; says how that differs.</summary>
    public string? Replay(string backend)
    {
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(Log), Recorded.Find(backend),
            new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0, TimeLimit = TimeSpan.FromMinutes(2) });
        using ReplaySession session = MachineRuns.StartReplay(machine, Log);
        machine.Run(session);
        return session.ReachedEveryEnd ? End.FindDifference(MachineState.Capture(machine)) : "it does not come to its end";
    }

    /// <summary>The machine at its beginning.</summary>
    public StateDigest StateAtStart()
    {
        using var travel = new Machine.TimeTravel(Log, Recorded.Managed, TimeProvider.System);
        travel.GoTo(travel.Cuts.Start);
        return StateDigest.Of(travel.Machine);
    }
}
