using Determinism.Emulation;
using Determinism.FlightRecording;
using Determinism.Guests;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.Log.Killed;

/// <summary>Records a guest into a flight recorder's log until it is killed; says, a line each time, how many segments it has
/// dropped.</summary>
internal static class FlightToBeKilled
{
    public static int Record(string folder, int seed)
    {
        using var watchdog = new Timer(_ => Environment.Exit(3), null, TimeSpan.FromMinutes(2), Timeout.InfiniteTimeSpan);
        MachineConfiguration configuration = GuestCatalog.Find("racy")!.Configure(2,
            seed % 2 == 0 ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions, [100_000_000, 8]) with
        {
            MemoryBytes = 8UL << 20, Disk = new byte[16 * GuestLayout.SectorBytes],
        };
        using var recorder = new FlightRecorder(folder, configuration.Shape.AgentCount, new FlightRecorderOptions
        {
            KeepBytes = (64 + (64 * (seed % 3))) << 10, Time = TimeProvider.System,
            Log = new LogWriteOptions { Compression = seed % 5 == 0 ? BlockCodec.Lz4 : BlockCodec.None },
        });
        using var machine = new GuestMachine(configuration, new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = static () => 0,
        });
        using RecordingSession session = MachineRuns.StartRecording(machine, recorder.Log, new ChaosScheduler((ulong)seed, 2),
            TimeProvider.System, options => options with
            {
                DigestInterval = 1, KeepStates = true, Checkpoints = recorder.CheckpointsOf(machine),
            });
        new Thread(() =>
        {
            for (long said = 0; ; Thread.Sleep(0))
            {
                long dropped = recorder.Status.DroppedSegments;
                if (dropped == said)
                    continue;
                said = dropped;
                System.Console.Out.WriteLine(dropped);
                System.Console.Out.Flush();
            }
        }) { IsBackground = true }.Start();
        machine.Run(session);
        return 0;
    }
}
