using Determinism.Emulation;
using Determinism.FlightRecording;
using Determinism.Guests;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.Tool.Tests.FlightRecording;

/// <summary>A log whose oldest part was dropped, for tests that only read it; what they write is beside it in the folder.</summary>
public sealed class DroppedLog : IDisposable
{
    private const int MostRecordings = 20;

    public DroppedLog()
    {
        try
        {
            // Where the computer is busy, checkpoints come late, and a recording may be over before anything could be dropped.
            for (int seed = 1; Status is not { OldestCheckpoint: > 1 }; seed++)
            {
                Assert.True(seed <= MostRecordings, $"Nothing was dropped in {MostRecordings} recordings.");
                Path = System.IO.Path.Combine(Folder.FullName, $"run-{seed}.log");
                Status = Record(Path, (ulong)seed);
            }
        }
        catch
        {
            // Nobody disposes of what could not be made.
            Dispose();
            throw;
        }
    }

    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("determinism-tool-");

    public string Path { get; } = "";

    public FlightRecorderStatus Status { get; }

    public void Dispose() => Folder.Delete(recursive: true);

    private static FlightRecorderStatus Record(string path, ulong seed)
    {
        MachineConfiguration configuration = GuestCatalog.Find("racy")!.Configure(2, ClockKind.RetiredInstructions, [4000, 8]) with
        {
            MemoryBytes = 8UL << 20, Disk = new byte[16 * GuestLayout.SectorBytes],
        };
        using var recorder = new FlightRecorder(path, configuration.Shape.AgentCount, new FlightRecorderOptions
        {
            KeepBytes = 160 << 10, Time = TimeProvider.System,
        });
        using var machine = new GuestMachine(configuration, new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = TimeSpan.FromMinutes(2), Entropy = static () => 0,
        });
        using RecordingSession session = MachineRuns.StartRecording(machine, recorder.Log, new ChaosScheduler(seed, 2), TimeProvider.System,
            options => options with { DigestInterval = 1, KeepStates = true, Checkpoints = recorder.CheckpointsOf(machine) });
        machine.Run(session);
        return recorder.Status;
    }
}
