using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Recording;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>Records with checkpoints.</summary>
internal static class CheckpointRunner
{
    /// <summary>Records a run that makes a checkpoint after so many events, again and again.</summary>
    public static MachineState Record(MachineConfiguration configuration, MemoryEventLog log, string scheduler, ulong seed,
        long events, IMachineBackend? backend = null, Plant plant = Plant.None, Action<RecordingSession>? prepare = null,
        Func<ICheckpointState, ICheckpointState>? wrap = null)
    {
        using var machine = MachineRunner.NewMachine(configuration, backend);
        TimeProvider time = MachineRunner.TimeOf(scheduler);
        using RecordingSession session = MachineRuns.StartRecording(machine, log,
            MachineRunner.MakeScheduler(scheduler, configuration.VcpuCount, seed), time, options => options with
            {
                AnswerTimeout = time is HurriedTime ? TimeSpan.FromDays(1) : options.AnswerTimeout,
                Checkpoints = new CheckpointOptions { State = wrap?.Invoke(machine) ?? machine, Events = events },
            });
        session.Plant = plant;
        prepare?.Invoke(session);
        machine.Run(session);
        Assert.All(machine.ExitCodes, code => Assert.Equal(0UL, code));
        return MachineState.Capture(machine);
    }

    /// <summary>Replays from a checkpoint to the end.</summary>
    public static MachineState Replay(IEventLogReader log, Checkpoint from, IMachineBackend? backend = null)
    {
        using var machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(log), backend);
        using var session = MachineRuns.StartReplay(machine, log, options => options with { From = from });
        machine.Run(session);
        Assert.True(session.ReachedEveryEnd);
        return MachineState.Capture(machine);
    }

    /// <summary>A cut is closed if no event in it comes after one that is not: read from the log alone.</summary>
    public static string? FindOpenEvent(IEventLogReader log, Cut cut)
    {
        for (int agent = 0; agent < log.StreamCount; agent++)
        {
            var cursor = new EventCursor(log, agent, log.StreamCount);
            for (; cursor.Consumed < cut.Positions[agent].Events; cursor.Consume())
            {
                if (!cursor.MoveToNext())
                    return $"stream {agent} has {cursor.Consumed} events of {cut.Positions[agent].Events}";
                foreach (OrderingConstraint cause in cursor.Next.Kind == EventKind.Elevation ? cursor.Constraints : [])
                {
                    if (cause.EventNumber > cut.Positions[cause.Agent].Events)
                        return $"event {cursor.Consumed + 1} of agent {agent} comes after event {cause.EventNumber} of agent {cause.Agent}";
                }
            }
        }
        return null;
    }

    /// <summary>Of all checkpoints, some that a seed chooses.</summary>
    public static IEnumerable<Checkpoint> Choose(IReadOnlyList<Checkpoint> all, int count, Random random) =>
        all.Count <= count ? all : Enumerable.Range(0, count).Select(_ => all[random.Next(all.Count)]);
}
