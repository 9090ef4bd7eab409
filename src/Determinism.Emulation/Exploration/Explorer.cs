using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.Emulation.Exploration;

/// <summary>Runs a small program in every order in which its vCPUs can make their shared accesses, records each run and replays
/// each recording.</summary>
/// <remarks>
/// An order is one of whole instructions, as the managed machine executes them: sequentially consistent. Programs may use no
/// service but starts and ends of vCPUs, and end after boundedly many accesses, or runs are given up. Thread-safe; a call uses
/// the threads of one run at a time.
/// </remarks>
public static class Explorer
{
    /// <summary>Explores.</summary>
    /// <param name="configuration">The machine; its clock is that of retired instructions.</param>
    /// <param name="outcome">What to make of a machine at its end; equal texts are one outcome.</param>
    /// <param name="options">How far; the defaults if null.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What was run.</returns>
    /// <exception cref="ArgumentException">The machine has another clock.</exception>
    /// <exception cref="GuestErrorException">The guest asks for a service whose effects are not explored, or fails.</exception>
    /// <exception cref="ReplayDivergenceException">A replay differed from its recording.</exception>
    public static ExplorationReport Explore(MachineConfiguration configuration, Func<GuestMachine, string> outcome,
        ExplorationOptions? options = null, CancellationToken cancellationToken = default) =>
        Explore(configuration, outcome, options, null, cancellationToken);

    /// <param name="configuration">The machine.</param>
    /// <param name="outcome">What to make of a machine at its end.</param>
    /// <param name="options">How far.</param>
    /// <param name="prepare">Changes each recording before it starts; for tests that plant a mistake.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    internal static ExplorationReport Explore(MachineConfiguration configuration, Func<GuestMachine, string> outcome,
        ExplorationOptions? options, Action<RecordingSession>? prepare, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(outcome);
        options ??= new ExplorationOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MostRuns, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MostAccesses, 1, nameof(options));
        if (configuration.Clock != ClockKind.RetiredInstructions)
            throw new ArgumentException("Explored is with the clock of retired instructions.", nameof(configuration));
        var tree = new ScheduleTree(options.Reduces, options.MostAccesses);
        var outcomes = new Dictionary<string, ExploredOutcome>(StringComparer.Ordinal);
        long interleavings = 0, abandoned = 0, tooLong = 0, replays = 0;
        bool isMore = true;
        for (long runs = 0; isMore && runs < options.MostRuns; runs++, isMore = tree.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            tree.Begin();
            using GuestMachine machine = NewMachine(configuration);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            Record(machine, log, tree, prepare, cancellationToken);
            if (tree.IsAbandoned || tree.IsTooLong)
            {
                abandoned += tree.IsAbandoned ? 1 : 0;
                tooLong += tree.IsTooLong ? 1 : 0;
                continue;
            }
            interleavings++;
            string text = outcome(machine);
            outcomes[text] = outcomes.TryGetValue(text, out ExploredOutcome? seen)
                ? seen with { Interleavings = seen.Interleavings + 1 }
                : new ExploredOutcome(text, 1, tree.Schedule, log);
            if (options.Replays)
            {
                Replay(configuration, log, MachineState.Capture(machine), cancellationToken);
                replays++;
            }
        }
        return new ExplorationReport(interleavings, abandoned, tooLong, replays, !isMore && tooLong == 0, [.. outcomes.Values]);
    }

    private static void Record(GuestMachine machine, MemoryEventLog log, ScheduleTree tree, Action<RecordingSession>? prepare,
        CancellationToken cancellationToken)
    {
        var scheduler = new ExploringScheduler(new StepReader(machine), tree, machine.Configuration.VcpuCount);
        using RecordingSession session = MachineRuns.StartRecording(machine, log, scheduler, new StoppedTime());
        scheduler.GiveUp = session.Cancel;
        prepare?.Invoke(session);
        machine.Run(session, cancellationToken);
    }

    private static void Replay(MachineConfiguration configuration, MemoryEventLog log, MachineState recorded,
        CancellationToken cancellationToken)
    {
        using GuestMachine machine = NewMachine(configuration);
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session, cancellationToken);
        if (recorded.FindDifference(MachineState.Capture(machine)) is { } difference)
            throw new ReplayDivergenceException($"All events are as recorded, but {difference}.");
    }

    private static GuestMachine NewMachine(MachineConfiguration configuration) =>
        new(configuration, new ManagedBackend(), new MachineSurroundings { Time = new StoppedTime(), Entropy = static () => 0 });
}
