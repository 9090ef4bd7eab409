using System.Diagnostics;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.RecordReplay;

/// <summary>Records a guest, and replays the recording.</summary>
internal sealed class Experiment(Settings settings, IMachineBackend recorder, IMachineBackend replayer)
{
    public Outcome Run(int run)
    {
        MachineConfiguration configuration = settings.Workload.Configure(settings.Vcpus, settings.Clock)
            with { Disk = MakeDisk(settings.Seed) };
        TimeSpan unrecorded = RunUnrecorded(configuration);

        string? folder = run == settings.Runs - 1 ? settings.LogFolder : null;
        using FlightRecorder? flight = folder is null || settings.KeepBytes == 0 ? null
            : KeptLog.Create(folder, settings.Workload.Name, configuration.Shape.AgentCount, settings.KeepBytes);
        using IEventLog written = flight?.Log ?? (folder is null
            ? new MemoryEventLog(configuration.Shape.AgentCount)
            : (IEventLog)KeptLog.Create(folder, settings.Workload.Name, configuration.Shape.AgentCount));
        using var machine = new GuestMachine(configuration, recorder, Surroundings.Make());
        using RecordingSession session =
            MachineRuns.StartRecording(machine, written, settings.MakeScheduler(run), TimeProvider.System,
                options => flight is null ? options : options with { Checkpoints = flight.CheckpointsOf(machine) });
        TimeSpan recordTime = Time(machine, session);
        MachineState recorded = MachineState.Capture(machine);
        using IEventLogReader log = written as MemoryEventLog
            ?? (IEventLogReader)new FileEventLogReader(KeptLog.PathOf(folder!, settings.Workload.Name));

        var times = new List<TimeSpan>();
        var differences = new List<string>();
        for (int replay = 0; replay < settings.Replays; replay++)
        {
            string? difference = Replay(log, recorded, times);
            if (difference is not null)
                differences.Add($"recording {run + 1}, replay {replay + 1}: {difference}");
        }
        return new Outcome
        {
            Console = recorded.Console.TrimEnd(),
            Statistics = session.Statistics,
            LogBytes = session.Statistics.EventBytes,
            UnrecordedTime = unrecorded,
            RecordTime = recordTime,
            ReplayTimes = times,
            Differences = differences,
            Identical = settings.Replays - differences.Count,
        };
    }

    private TimeSpan RunUnrecorded(MachineConfiguration configuration)
    {
        using var machine = new GuestMachine(configuration, recorder, Surroundings.Make());
        using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        return Time(machine, session);
    }

    /// <summary>Replays the log on a machine built from nothing but the log.</summary>
    private string? Replay(IEventLogReader log, MachineState recorded, List<TimeSpan> times)
    {
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(log), replayer, Surroundings.Make());
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        try
        {
            times.Add(Time(machine, session));
            return recorded.FindDifference(MachineState.Capture(machine));
        }
        catch (ReplayDivergenceException divergence)
        {
            return divergence.Message;
        }
    }

    private static TimeSpan Time(GuestMachine machine, ExecutionSession session)
    {
        long start = Stopwatch.GetTimestamp();
        machine.Run(session);
        return Stopwatch.GetElapsedTime(start);
    }

    private static byte[] MakeDisk(ulong seed)
    {
        var disk = new byte[512 * GuestLayout.SectorBytes];
        new Random((int)seed).NextBytes(disk);
        return disk;
    }
}
