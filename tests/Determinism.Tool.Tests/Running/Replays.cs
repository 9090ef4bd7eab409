using Determinism.Emulation;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Replaying;

namespace Determinism.Tool.Tests.Running;

/// <summary>Replays of logs on the managed machine.</summary>
internal static class Replays
{
    /// <summary>Replays a log to the end of what it has.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="configuration">The machine; that of the log by default.</param>
    /// <returns>Events that each agent completed, and whether every agent came to its own end.</returns>
    public static (ulong[] Events, bool ReachedEveryEnd) Run(string path, MachineConfiguration? configuration = null)
    {
        using var log = new FileEventLogReader(path);
        using var machine = new GuestMachine(configuration ?? MachineConfiguration.ReadFrom(log), new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System,
            TimeLimit = TimeSpan.FromMinutes(2),
            Entropy = static () => throw new InvalidOperationException("A replay asks nobody."),
            ConsoleInput = static _ => throw new InvalidOperationException("A replay asks nobody."),
        });
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
        var events = new ulong[log.StreamCount];
        for (int agent = 0; agent < events.Length; agent++)
            events[agent] = session.Agent(agent).CompletedEvents;
        return (events, session.ReachedEveryEnd);
    }
}
