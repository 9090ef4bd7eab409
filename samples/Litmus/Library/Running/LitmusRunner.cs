using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.Litmus;

/// <summary>Records litmus tests, and replays every recording.</summary>
/// <param name="settings">How.</param>
public sealed class LitmusRunner(RunSettings settings)
{
    /// <summary>Changes each recording before it starts; for tests that plant a mistake.</summary>
    public Action<RecordingSession>? Prepare { get; init; }

    /// <summary>Records a test, and replays the recordings.</summary>
    /// <param name="test">The test.</param>
    /// <exception cref="LitmusFormatException">The test uses what is not supported.</exception>
    /// <exception cref="DeterminismException">A recording was refused or failed.</exception>
    public LitmusResult Record(LitmusTest test)
    {
        var seen = new Dictionary<Outcome, int>();
        var differences = new List<string>();
        long events = 0, steals = 0;
        LitmusGuest guest = MakeGuest(test, 0);
        for (int recording = 0; recording < settings.Recordings; recording++)
        {
            guest = MakeGuest(test, recording);
            MachineConfiguration configuration = guest.Configure(settings.Clock);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            using GuestMachine machine = MakeMachine(configuration, settings.Backend);
            using RecordingSession session = MachineRuns.StartRecording(machine, log,
                settings.MakeScheduler(settings.Seed + (ulong)recording, configuration.VcpuCount), TimeProvider.System);
            Prepare?.Invoke(session);
            machine.Run(session);
            IReadOnlyList<Outcome> outcomes = guest.ReadOutcomes(machine.Processors.Memory);
            Count(outcomes, seen);
            MachineState state = MachineState.Capture(machine);
            for (int replay = 0; replay < settings.Replays; replay++)
            {
                if (Replay(guest, log, state, outcomes) is { } difference)
                    differences.Add($"{test.Name}, recording {recording + 1}, replay {replay + 1}: {difference}");
            }
            events += session.Statistics.EventCount;
            steals += session.Statistics.Steals;
        }
        return MakeResult(test, guest.Variables, seen, isRecorded: true) with
        {
            Replays = settings.Recordings * settings.Replays, Differences = differences, Events = events, Steals = steals,
        };
    }

    /// <summary>Runs a test without recording it.</summary>
    /// <param name="test">The test.</param>
    /// <exception cref="LitmusFormatException">The test uses what is not supported.</exception>
    public LitmusResult RunUnrecorded(LitmusTest test)
    {
        var seen = new Dictionary<Outcome, int>();
        LitmusGuest guest = MakeGuest(test, 0);
        for (int run = 0; run < settings.Recordings; run++)
        {
            guest = MakeGuest(test, run);
            using GuestMachine machine = MakeMachine(guest.Configure(settings.Clock), settings.Backend);
            using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
            machine.Run(session);
            Count(guest.ReadOutcomes(machine.Processors.Memory), seen);
        }
        return MakeResult(test, guest.Variables, seen, isRecorded: false);
    }

    private LitmusGuest MakeGuest(LitmusTest test, int recording) => new(test, new GuestPlan
    {
        Iterations = settings.Iterations, Layout = settings.Layout, Seed = settings.Seed + (ulong)recording,
        DelayBits = settings.DelayBits, IsPolled = settings.IsPolled ?? settings.Clock == ClockKind.SoftwareCounter,
    });

    private GuestMachine MakeMachine(MachineConfiguration configuration, IMachineBackend backend) =>
        new(configuration, backend, new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = static () => 0, TimeLimit = settings.TimeLimit,
        });

    private string? Replay(LitmusGuest guest, MemoryEventLog log, MachineState recorded, IReadOnlyList<Outcome> outcomes)
    {
        using GuestMachine machine = MakeMachine(MachineConfiguration.ReadFrom(log), settings.ReplayBackend ?? settings.Backend);
        try
        {
            using ReplaySession session = MachineRuns.StartReplay(machine, log);
            machine.Run(session);
        }
        catch (ReplayDivergenceException divergence)
        {
            return divergence.Message;
        }
        return !guest.ReadOutcomes(machine.Processors.Memory).SequenceEqual(outcomes)
            ? "the outcomes are others" : recorded.FindDifference(MachineState.Capture(machine));
    }

    private static void Count(IReadOnlyList<Outcome> outcomes, Dictionary<Outcome, int> seen)
    {
        foreach (Outcome outcome in outcomes)
            seen[outcome] = seen.GetValueOrDefault(outcome) + 1;
    }

    private static LitmusResult MakeResult(
        LitmusTest test, VariableMap variables, Dictionary<Outcome, int> seen, bool isRecorded) => new()
    {
        Test = test, Variables = variables, Seen = seen, IsRecorded = isRecorded,
        Sequential = OutcomeEnumerator.Enumerate(test, variables, MemoryModel.SequentialConsistency),
        Allowed = OutcomeEnumerator.Enumerate(test, variables, MemoryModel.TotalStoreOrder),
    };
}
