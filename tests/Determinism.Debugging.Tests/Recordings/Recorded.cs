using Determinism.Checkpoints;
using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.Debugging.Tests.Recordings;

/// <summary>Recordings to be debugged.</summary>
internal static class Recorded
{
    /// <param name="guest">The guest.</param>
    /// <param name="vcpus">Its vCPUs.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="backend">Where it runs; the managed machine if null.</param>
    /// <param name="seed">Of the schedule.</param>
    /// <param name="checkpoints">Events between two checkpoints; 0 for none.</param>
    public static MemoryEventLog Record(string guest, int vcpus, ClockKind clock, IMachineBackend? backend = null, ulong seed = 1,
        long checkpoints = 0) => Record(Configure(guest, vcpus, clock), backend, seed, checkpoints);

    public static MemoryEventLog Record(MachineConfiguration configuration, IMachineBackend? backend, ulong seed, long checkpoints)
    {
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        ulong drawn = seed;
        using var machine = new GuestMachine(configuration, backend ?? new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = TimeSpan.FromMinutes(2), Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
        });
        using RecordingSession session = MachineRuns.StartRecording(
            machine, log, new ChaosScheduler(seed, configuration.VcpuCount), TimeProvider.System, options => options with
            {
                Checkpoints = checkpoints == 0 ? null : new CheckpointOptions { State = machine, Events = checkpoints },
            });
        machine.Run(session);
        return log;
    }

    public static MachineConfiguration Configure(string guest, int vcpus, ClockKind clock) =>
        GuestCatalog.Find(guest)!.Configure(vcpus, clock, Parameters(guest)) with { MemoryBytes = 8UL << 20 };

    // A few ten thousand instructions: going back begins anew.
    private static ulong[] Parameters(string guest) => guest switch
    {
        "radix" => [256],
        "racy" => [60, 8],
        "devices" => [1, 100000, 2],
        "prodcons" => [20],
        "ticketlock" => [5, 3],
        "barnes" => [12, 1],
        "water" => [8, 1],
        "selfmod" => [5, 0],
        _ => [],
    };
}
