using Determinism.Log;
using Determinism.Machine;
using Determinism.Replaying;

namespace Determinism.Emulation.Races;

/// <summary>Finds the races of a recorded run of the sample machine, by replaying it on the managed machine.</summary>
/// <remarks>
/// Any log will do that replays there: of the managed machine, or of KVM with the software counter; the recording costs
/// nothing more for it. What counts as a race is said in docs/races.md. A run that has none may have some in another
/// recording; a race that is reported is one whatever the timing was. Thread-safe; a call uses the threads of one replay.
/// </remarks>
public static class RaceFinder
{
    /// <summary>Replays a log and looks at every access.</summary>
    /// <param name="log">The log; one that was cut short is looked at as far as it goes.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="LogDamagedException">The log cannot be read, or is not one of the sample machine.</exception>
    /// <exception cref="ReplayRefusedException">The managed machine cannot replay it.</exception>
    /// <exception cref="DeterminismException">The replay failed or differed: there is nothing to say about the run.</exception>
    public static RaceReport Find(IEventLogReader log, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        IEventLogReader whole = log.IsComplete ? log : ClosedLog.Of(log);
        var configuration = MachineConfiguration.ReadFrom(whole);
        var detector = new RaceDetector(configuration);
        var surroundings = new MachineSurroundings { Time = new StoppedTime(), Entropy = static () => 0 };
        using var machine = new GuestMachine(configuration, new Observation.ObservedBackend(detector), surroundings)
        {
            Observer = detector,
        };
        using ReplaySession session = MachineRuns.StartReplay(machine, whole, static options => options with { Time = null });
        machine.Run(session, cancellationToken);
        return detector.Report();
    }
}
