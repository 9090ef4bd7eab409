using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.Races.Tests;

/// <summary>Recordings to look for races in.</summary>
internal static class Runs
{
    public static MachineConfiguration Configure(string guest, int vcpus, ClockKind clock) =>
        GuestCatalog.Find(guest)!.Configure(vcpus, clock, Parameters(guest, clock)) with { MemoryBytes = 16UL << 20 };

    public static MemoryEventLog Record(MachineConfiguration configuration, IMachineBackend? backend = null, ulong seed = 1)
    {
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        ulong drawn = seed;
        using var machine = new GuestMachine(configuration, backend ?? new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System,
            TimeLimit = TimeSpan.FromMinutes(2),
            Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
        });
        using RecordingSession session = MachineRuns.StartRecording(
            machine, log, new ChaosScheduler(seed, configuration.VcpuCount), TimeProvider.System);
        machine.Run(session);
        Assert.All(machine.ExitCodes, code => Assert.Equal(0UL, code));
        return log;
    }

    // Few enough instructions for every guest, enough sharing for every lock and barrier.
    private static ulong[] Parameters(string guest, ClockKind clock) => guest switch
    {
        "radix" => [2048],
        "lu" => [32, 8],
        "fft" => [8],
        "ocean" => [22, 8],
        "water" => [27, 2],
        "barnes" => [48, 1],
        "private" => [16, 2],
        "readshared" => [8, 5000],
        "migratory" => [60, 64],
        "prodcons" => [400],
        "falseshare" => [4000],
        "ticketlock" => [40, 10],
        "racy" => [2000, 16],
        "devices" => [2, 1000000, 4],
        "selfmod" => [50, clock == ClockKind.RetiredInstructions ? 0UL : 1],
        _ => [],
    };
}
