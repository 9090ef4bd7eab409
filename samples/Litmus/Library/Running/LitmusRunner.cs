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
        LitmusResult result = Start(test, isRecorded: true);
        while (MustGoOn(result))
            result = RecordOnce(result);
        return result;
    }

    /// <summary>Runs a test without recording it.</summary>
    /// <param name="test">The test.</param>
    /// <exception cref="LitmusFormatException">The test uses what is not supported.</exception>
    public LitmusResult RunUnrecorded(LitmusTest test)
    {
        LitmusResult result = Start(test, isRecorded: false);
        while (MustGoOn(result))
        {
            LitmusGuest guest = MakeGuest(result);
            using GuestMachine machine = MakeMachine(guest.Configure(settings.Clock), settings.Backend);
            using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
            machine.Run(session);
            result = result with
            {
                Seen = Count(result.Seen, guest.ReadOutcomes(machine.Processors.Memory)), Runs = result.Runs + 1,
            };
        }
        return result;
    }

    private bool MustGoOn(LitmusResult result) =>
        result.Runs < settings.Recordings && !(settings.UntilComplete && result.Runs > 0 && !result.Missing.Any());

    private LitmusResult Start(LitmusTest test, bool isRecorded)
    {
        ArgumentNullException.ThrowIfNull(test);
        var variables = new VariableMap(test, settings.Layout);
        var result = new LitmusResult
        {
            Test = test, Variables = variables, IsRecorded = isRecorded, Seen = new Dictionary<Outcome, int>(),
            Sequential = OutcomeEnumerator.Enumerate(test, variables, MemoryModel.SequentialConsistency),
            Allowed = OutcomeEnumerator.Enumerate(test, variables, MemoryModel.TotalStoreOrder),
        };
        if (result.Allowed.Count == 0)
            throw new LitmusFormatException($"{test.Name} never ends");
        if (GuestCheck.FindObstacles(MakeGuest(result).Configure(settings.Clock)) is [var obstacle, ..])
            throw new LitmusFormatException($"{test.Name} is no guest that can be recorded: {obstacle}");
        return result;
    }

    private LitmusResult RecordOnce(LitmusResult before)
    {
        LitmusGuest guest = MakeGuest(before);
        MachineConfiguration configuration = guest.Configure(settings.Clock);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine machine = MakeMachine(configuration, settings.Backend);
        using RecordingSession session = MachineRuns.StartRecording(machine, log,
            settings.MakeScheduler(settings.Seed + (ulong)before.Runs, configuration.VcpuCount), TimeProvider.System);
        Prepare?.Invoke(session);
        machine.Run(session);
        IReadOnlyList<Outcome> outcomes = guest.ReadOutcomes(machine.Processors.Memory);
        MachineState state = MachineState.Capture(machine);
        var differences = new List<string>(before.Differences);
        for (int replay = 0; replay < settings.Replays; replay++)
        {
            if (Replay(guest, log, state, outcomes) is { } difference)
                differences.Add($"{before.Test.Name}, recording {before.Runs + 1}, replay {replay + 1}: {difference}");
        }
        return before with
        {
            Seen = Count(before.Seen, outcomes), Differences = differences, Runs = before.Runs + 1,
            Replays = before.Replays + settings.Replays, Events = before.Events + session.Statistics.EventCount,
            Steals = before.Steals + session.Statistics.Steals,
        };
    }

    private LitmusGuest MakeGuest(LitmusResult before) => new(before.Test, new GuestPlan
    {
        Iterations = settings.Iterations, Layout = settings.Layout, Seed = settings.Seed + (ulong)before.Runs,
        DelayBits = settings.DelayBits, IsPolled = settings.IsPolled,
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

    private static Dictionary<Outcome, int> Count(IReadOnlyDictionary<Outcome, int> before, IReadOnlyList<Outcome> outcomes)
    {
        var seen = new Dictionary<Outcome, int>(before);
        foreach (Outcome outcome in outcomes)
            seen[outcome] = seen.GetValueOrDefault(outcome) + 1;
        return seen;
    }
}
