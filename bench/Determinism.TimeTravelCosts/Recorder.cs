using System.Diagnostics;
using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.TimeTravelCosts;

/// <summary>Records and replays whole runs of guests.</summary>
internal static class Recorder
{
    private const int Vcpus = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    /// <param name="guest">The guest.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="path">The log.</param>
    /// <param name="interval">Time between two checkpoints; null for none.</param>
    /// <returns>Seconds of the run, and what was counted.</returns>
    public static (double Seconds, SessionStatistics Statistics) Record(
        string guest, ulong[] parameters, string backend, string path, TimeSpan? interval)
    {
        MachineConfiguration configuration = GuestCatalog.Find(guest)!.Configure(Vcpus, Backends.ClockOf(backend), parameters) with
        {
            MemoryBytes = 128UL << 20,
        };
        ulong drawn = 0;
        using var machine = new GuestMachine(configuration, Backends.Find(backend), new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = s_patience, Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
        });
        using var log = new FileEventLog(path, configuration.Shape.AgentCount);
        using RecordingSession session = MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System, options => options with
        {
            Checkpoints = interval is null ? null : new CheckpointOptions { State = machine, Interval = interval.Value },
        });
        long start = Stopwatch.GetTimestamp();
        machine.Run(session);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        log.Complete();
        return (seconds, session.Statistics);
    }

    /// <returns>Seconds of a whole replay.</returns>
    public static double Replay(IEventLogReader log, IMachineBackend backend)
    {
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(log), backend, new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = s_patience, Entropy = static () => 0,
        });
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        long start = Stopwatch.GetTimestamp();
        machine.Run(session);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
