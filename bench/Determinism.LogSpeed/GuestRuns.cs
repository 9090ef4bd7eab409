using System.Diagnostics;
using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.LogSpeed;

/// <summary>Guests, recorded.</summary>
internal static class GuestRuns
{
    private const int Vcpus = 4;

    /// <summary>The machine that is always there.</summary>
    public static (string Name, IMachineBackend Backend, ClockKind Clock) Managed { get; } =
        ("managed", new ManagedBackend(), ClockKind.RetiredInstructions);

    /// <summary>All machines of this computer.</summary>
    public static IEnumerable<(string Name, IMachineBackend Backend, ClockKind Clock)> Machines()
    {
        yield return Managed;
        var kvm = new KvmBackend(new KvmOptions());
        if (kvm.FindObstacle() is null)
            yield return ("KVM", kvm, ClockKind.SoftwareCounter);
    }

    /// <summary>Records a guest on four vCPUs, with its default parameters or others.</summary>
    public static (MemoryEventLog Log, double Seconds) Record(
        Guest guest, (string Name, IMachineBackend Backend, ClockKind Clock) on, params ulong[] parameters)
    {
        MachineConfiguration configuration =
            guest.Configure(Vcpus, on.Clock, parameters) with { Disk = new byte[512 * GuestLayout.SectorBytes] };
        var random = new Random(1);
        var surroundings = new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = () => (ulong)random.NextInt64(), ConsoleInput = static _ => 0,
        };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using var machine = new GuestMachine(configuration, on.Backend, surroundings);
        using RecordingSession session = MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System);
        long start = Stopwatch.GetTimestamp();
        machine.Run(session);
        return (log, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
