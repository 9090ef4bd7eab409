using Determinism.Checkpoints;
using Determinism.FlightRecording;
using Determinism.Log.Tests.Crashes;
using Determinism.Log.Tests.Disk;
using Determinism.Log.Tests.Support;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Recording;
using Determinism.Replaying;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.FlightRecording;

/// <summary>Whatever a loss of power leaves of a flight recorder's log, at whatever moment: it opens, verifies, and replays from where
/// it begins to where it breaks off.</summary>
public class FlightCrashTests(ITestOutputHelper output)
{
    private const int Seed = 23;

    [Theory]
    [InlineData("racy", ClockKind.RetiredInstructions)]
    [InlineData("devices", ClockKind.SoftwareCounter)]
    public void What_is_left_of_it_replays(string guest, ClockKind clock)
    {
        SimulatedDisk disk = Record(guest, clock, Plant.None, out FlightRecorderStatus status);
        Assert.True(status.DroppedSegments > 5, status.ToString());
        string? fault = FindFault(disk, replays: TestTier.Times(12, 200), TestTier.Times(150, 3_000), out int moved);
        output.WriteLine($"{guest}, seed {Seed}: {disk.Steps.Count} operations, {moved} logs had lost their oldest part; {status}");
        Assert.True(fault is null, fault);
        Assert.True(moved > 20, $"{moved} logs had lost their oldest part.");
    }

    [Fact]
    public void What_is_left_of_it_is_intact_without_the_secret_too()
    {
        SimulatedDisk disk = Record("racy", ClockKind.RetiredInstructions, Plant.None, out FlightRecorderStatus status,
            Shapes.All["all"] with { Compression = BlockCodec.None });
        Assert.True(status.DroppedSegments > 5, status.ToString());
        var random = new Random(Seed);
        output.WriteLine($"seed {Seed}");
        int[] moments = [.. Boundaries(disk)];
        int first = Array.FindIndex([.. disk.Steps], static step => step.Kind == DiskStepKind.SyncNames);
        foreach (int moment in moments.Where(moment => moment > first))
        {
            LogVerification found = LogVerifier.Verify(PowerLoss.At(disk, moment, random));
            Assert.True(found.IsIntact, $"moment {moment}: {string.Join('\n', found.Problems)}");
        }
    }

    [Fact]
    public void Files_that_are_gone_before_the_new_beginning_is_durable_are_missed()
    {
        SimulatedDisk disk = Record("racy", ClockKind.RetiredInstructions, Plant.DropBeforeDurable, out _);
        string? fault = FindFault(disk, replays: 0, TestTier.Times(150, 3_000), out _);
        output.WriteLine(fault);
        Assert.NotNull(fault);
    }

    internal static SimulatedDisk Record(string guest, ClockKind clock, Plant plant, out FlightRecorderStatus status, LogWriteOptions? log = null)
    {
        var disk = new SimulatedDisk();
        MachineConfiguration configuration = MachineRunner.Configure(guest, 2, clock) with { Disk = new byte[16 * 512] };
        using var recorder = new FlightRecorder(disk, configuration.Shape.AgentCount, new FlightRecorderOptions
        {
            KeepBytes = 64 << 10, Time = TimeProvider.System, Log = log ?? new LogWriteOptions(),
        });
        using var watched = new WatchedLog(recorder.Log, disk, eventsPerCommit: 40);
        using var machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session = MachineRuns.StartRecording(machine, watched, MachineRunner.MakeScheduler("chaos", 2),
            TimeProvider.System, options => options with
            {
                DigestInterval = 1, KeepStates = true, Checkpoints = recorder.CheckpointsOf(machine),
            });
        session.Plant = plant;
        machine.Run(session);
        status = recorder.Status;
        return disk;
    }

    // Around each operation that names or drops a file, and at random moments.
    private static string? FindFault(SimulatedDisk disk, int replays, int others, out int moved)
    {
        moved = 0;
        var random = new Random(Seed);
        int[] moments = [.. Boundaries(disk), .. Enumerable.Range(0, others).Select(_ => random.Next(disk.Steps.Count + 1))];
        int toReplay = Math.Max(1, moments.Length / Math.Max(1, replays));
        for (int index = 0; index < moments.Length; index++)
        {
            DiskImage image = PowerLoss.At(disk, moments[index], random);
            string? fault = FindFault(disk, image, moments[index], replays > 0 && index % toReplay == 0, out bool hasMoved);
            moved += hasMoved ? 1 : 0;
            if (fault is not null)
                return $"seed {Seed}, moment {moments[index]} of {disk.Steps.Count}: {fault}";
        }
        return null;
    }

    private static IEnumerable<int> Boundaries(SimulatedDisk disk) => Enumerable.Range(0, disk.Steps.Count)
        .Where(index => disk.Steps[index].Kind is DiskStepKind.Remove or DiskStepKind.Rename or DiskStepKind.Create)
        .SelectMany(static index => new[] { index, index + 1 });

    private static string? FindFault(SimulatedDisk disk, DiskImage image, int moment, bool replays, out bool hasMoved)
    {
        hasMoved = false;
        try
        {
            using var reader = new FileEventLogReader(image);
            hasMoved = reader.IsBeginningDropped;
            LogVerification found = LogVerifier.Verify(image);
            if (!found.IsIntact)
                return found.Problems[0].ToString();
            ClosedLog closed = ClosedLog.Of(reader);
            if (LogCheckpoints.ReadFrom(closed).Start is { } start)
            {
                for (int agent = 0; agent < closed.StreamCount; agent++)
                {
                    if (closed.Cuts[agent].Events < start.Cut.Positions[agent].Events)
                        return $"It begins after event {start.Cut.Positions[agent].Events} of agent {agent}, and has {closed.Cuts[agent].Events}.";
                }
            }
            if (replays && closed.TryReadBlock(BlockKind.Configuration, out _) && closed.TryReadBlock(BlockKind.DiskImage, out _))
                Replay(closed);
            return null;
        }
        catch (LogDamagedException) when (!disk.Steps.Take(moment).Any(static step => step.Kind == DiskStepKind.SyncNames))
        {
            // There is no log yet.
            return null;
        }
        catch (Exception error) when (error is DeterminismException or IOException)
        {
            return error.ToString();
        }
    }

    private static void Replay(ClosedLog closed)
    {
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(closed));
        using ReplaySession session = MachineRuns.StartReplay(machine, closed);
        machine.Run(session);
        for (int agent = 0; agent < closed.StreamCount; agent++)
            Assert.Equal(closed.Cuts[agent].Events, session.Agent(agent).CompletedEvents);
    }
}
