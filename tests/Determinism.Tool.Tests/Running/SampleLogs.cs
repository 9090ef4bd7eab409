using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.Tool.Tests.Running;

/// <summary>Recordings of small guests on the managed machine; each is made once and never changed.</summary>
internal static class SampleLogs
{
    private static readonly Lazy<MemoryEventLog> s_racy = new(() => Record("racy", ClockKind.RetiredInstructions, 2000, 16));
    private static readonly Lazy<MemoryEventLog> s_devices = new(() => Record("devices", ClockKind.SoftwareCounter, 2, 100000, 4));
    private static readonly Lazy<MemoryEventLog> s_falseShare = new(() => Record("falseshare", ClockKind.SoftwareCounter, 10000));

    private static readonly Lazy<MemoryEventLog> s_states = new(() => Record("racy", ClockKind.RetiredInstructions, true, 2000, 16));

    public static MemoryEventLog Racy => s_racy.Value;

    /// <summary>Has inputs with and without bytes, interrupts, and DMA by a device agent.</summary>
    public static MemoryEventLog Devices => s_devices.Value;

    public static MemoryEventLog FalseShare => s_falseShare.Value;

    /// <summary>Has the states of registers in its digests.</summary>
    public static MemoryEventLog RacyWithStates => s_states.Value;

    private static MemoryEventLog Record(string guest, ClockKind clock, params ulong[] parameters) =>
        Record(guest, clock, false, parameters);

    private static MemoryEventLog Record(string guest, ClockKind clock, bool keepsStates, params ulong[] parameters)
    {
        const int Vcpus = 2;
        MachineConfiguration configuration = GuestCatalog.Find(guest)!.Configure(Vcpus, clock, parameters) with
        {
            MemoryBytes = 16UL << 20,
        };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        ulong drawn = 0;
        int typed = 0;
        using var machine = new GuestMachine(configuration, new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System,
            TimeLimit = TimeSpan.FromMinutes(2),
            Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
            ConsoleInput = destination =>
            {
                int count = Math.Min(3, destination.Length);
                destination[..count].Fill((byte)'a');
                return typed++ < 20 ? count : 0;
            },
        });
        using RecordingSession session =
            MachineRuns.StartRecording(machine, log, new ChaosScheduler(1, Vcpus), TimeProvider.System,
                options => options with { KeepStates = keepsStates });
        machine.Run(session);
        Assert.All(machine.ExitCodes, code => Assert.Equal(0UL, code));
        return log;
    }
}
