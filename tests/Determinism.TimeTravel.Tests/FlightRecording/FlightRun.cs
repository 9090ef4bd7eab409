using Determinism.FlightRecording;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;
using Determinism.TimeTravel.Tests.Support;

namespace Determinism.TimeTravel.Tests.FlightRecording;

/// <summary>A recording into a flight recorder's log, and what came of it.</summary>
internal sealed class FlightRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flight");

    private FlightRun()
    {
    }

    public string Path => System.IO.Path.Combine(_folder.FullName, "log");

    /// <summary>What the machine came to.</summary>
    public MachineState End { get; private set; } = null!;

    public FlightRecorderStatus Status { get; private set; } = null!;

    /// <summary>The most bytes that the folder was seen to have.</summary>
    public long MostSeen { get; private set; }

    public long SegmentBytes { get; private set; }

    /// <summary>All of the recording's events, and no checkpoints.</summary>
    public MemoryEventLog Whole { get; private set; } = null!;

    public static MachineConfiguration Configure(string guest, int vcpus, ClockKind clock, ulong length = 1) =>
        GuestCatalog.Find(guest)!.Configure(vcpus, clock, guest switch
        {
            "racy" => [4000 * length, 8],
            "devices" => [1, 100000, 40 * length],
            "radix" => [8192 * length],
            _ => [],
        }) with
        {
            MemoryBytes = 8UL << 20,
            // What is never dropped is to be little.
            Disk = new byte[16 * GuestLayout.SectorBytes],
        };

    /// <param name="guest">The guest.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="seed">Of the schedule.</param>
    /// <param name="options">What is kept.</param>
    /// <param name="plant">A bug.</param>
    /// <param name="length">How much longer it runs.</param>
    public static FlightRun Record(string guest, ClockKind clock, IMachineBackend backend, int seed, FlightRecorderOptions options,
        Plant plant = Plant.None, ulong length = 1)
    {
        const int Vcpus = 2;
        var run = new FlightRun();
        MachineConfiguration configuration = Configure(guest, Vcpus, clock, length);
        using var recorder = new FlightRecorder(run.Path, configuration.Shape.AgentCount, options);
        ulong drawn = (ulong)seed;
        using var machine = new GuestMachine(configuration, backend, new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = TimeSpan.FromMinutes(2), Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
        });
        run.Whole = new MemoryEventLog(configuration.Shape.AgentCount);
        using var log = new TeeLog(recorder.Log, run.Whole);
        using RecordingSession session = MachineRuns.StartRecording(
            machine, log, new ChaosScheduler((ulong)seed, Vcpus), TimeProvider.System, made => made with
            {
                // Many bytes of log in little time.
                DigestInterval = 1, KeepStates = true, Checkpoints = recorder.CheckpointsOf(machine),
            });
        session.Plant = plant;
        using var over = new ManualResetEventSlim();
        var watch = new Thread(() =>
        {
            while (!over.Wait(1))
                run.MostSeen = Math.Max(run.MostSeen, run.CountBytes());
        });
        watch.Start();
        try
        {
            machine.Run(session);
        }
        finally
        {
            over.Set();
            watch.Join();
        }
        run.MostSeen = Math.Max(run.MostSeen, run.CountBytes());
        run.End = MachineState.Capture(machine);
        run.Status = recorder.Status;
        run.SegmentBytes = Math.Max(4 << 10, options.KeepBytes / 16);
        return run;
    }

    /// <summary>Replays what is kept, from where it begins to its end.</summary>
    public string? FindDifference(IMachineBackend backend)
    {
        using var log = new FileEventLogReader(Path);
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(log), backend, Surroundings);
        using Replaying.ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
        Assert.True(session.ReachedEveryEnd);
        return End.FindDifference(MachineState.Capture(machine));
    }

    public static MachineSurroundings Surroundings { get; } = new()
    {
        Time = TimeProvider.System, TimeLimit = TimeSpan.FromMinutes(2), Entropy = static () => 0,
    };

    public void Dispose() => _folder.Delete(recursive: true);

    private long CountBytes()
    {
        long sum = 0;
        foreach (FileInfo file in new DirectoryInfo(Path).EnumerateFiles())
        {
            try
            {
                sum += file.Length;
            }
            catch (FileNotFoundException)
            {
                // Dropped meanwhile.
            }
        }
        return sum;
    }
}
