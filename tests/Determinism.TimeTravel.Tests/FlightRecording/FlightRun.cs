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
    private const int MostRecordings = 10;
    private const ulong LeastKept = 100;

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

    /// <summary>The most that was written while a whole checkpoint was due, from one look to another.</summary>
    public long MostWhileDue { get; private set; }

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
            long last = 0, since = -1;
            while (!over.Wait(1))
            {
                run.MostSeen = Math.Max(run.MostSeen, run.CountBytes());
                bool isDue = recorder.IsWholeDue;
                long written = recorder.Log.Writer.Written;
                if (isDue && since < 0)
                    since = last;
                if (since >= 0)
                    run.MostWhileDue = Math.Max(run.MostWhileDue, written - since);
                if (!isDue)
                    since = -1;
                last = written;
            }
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

    /// <summary>A recording of which something has been dropped, and something of the guest's work is left. Where the computer is busy,
    /// checkpoints come late, and not every recording is one.</summary>
    public static FlightRun RecordDropped(string guest, ClockKind clock, IMachineBackend backend, int seed, FlightRecorderOptions options,
        ulong length = 1, long leastDropped = 1)
    {
        for (int left = MostRecordings; ; left--)
        {
            FlightRun run = Record(guest, clock, backend, seed + MostRecordings - left, options, length: length);
            if (left == 1 || (run.Status.DroppedSegments >= leastDropped && run.CountKept() >= LeastKept))
                return run;
            run.Dispose();
        }
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

    // Of the vCPU that has kept least.
    private ulong CountKept()
    {
        ulong least = ulong.MaxValue;
        for (int vcpu = 0; vcpu < 2; vcpu++)
        {
            var cursor = new EventCursor(Whole, vcpu, Whole.StreamCount);
            while (cursor.MoveToNext())
                cursor.Consume();
            least = Math.Min(least, cursor.Consumed + 1 - Status.OldestEvents[vcpu]);
        }
        return least;
    }

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
