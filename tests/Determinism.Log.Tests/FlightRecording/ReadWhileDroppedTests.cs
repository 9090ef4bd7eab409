using Determinism.FlightRecording;
using Determinism.Guests;
using Determinism.Log.Tests.Disk;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Recording;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.FlightRecording;

/// <summary>The recorder reads its log for a whole checkpoint while the log's oldest part is dropped.</summary>
public class ReadWhileDroppedTests(ITestOutputHelper output)
{
    private const int MostRecordings = 5;

    // Before, the log is not yet too large, nothing is dropped, and waiting for it is in vain.
    private const int LeastWhole = 3;

    [Fact]
    public void A_file_that_goes_before_the_reader_opens_it_does_not_end_the_recording()
    {
        int missed = 0;
        for (int recording = 0; recording < MostRecordings && missed == 0; recording++)
        {
            var disk = new SimulatedDisk();
            missed = Record(disk);
            LogVerification found = LogVerifier.Verify(disk);
            Assert.True(found is { IsIntact: true, IsComplete: true }, string.Join('\n', found.Problems));
        }
        output.WriteLine($"{missed} files were gone.");
        Assert.True(missed > 0);
    }

    /// <returns>How many files were gone when they were opened.</returns>
    private static int Record(SimulatedDisk disk)
    {
        MachineConfiguration configuration = GuestCatalog.Find("racy")!.Configure(2, ClockKind.RetiredInstructions, [60_000, 8]) with
        {
            MemoryBytes = 8UL << 20, Disk = new byte[16 * 512],
        };
        var storage = new SlowlyOpened(disk);
        using var recorder = new FlightRecorder(storage, configuration.Shape.AgentCount, new FlightRecorderOptions
        {
            // So that four whole checkpoints are kept, and the first of them can go while the next is made.
            KeepBytes = 1600 << 10, Time = TimeProvider.System,
        });
        storage.Opens = () =>
        {
            if (recorder.Status.WholeCheckpoints < LeastWhole)
                return;
            long dropped = recorder.Status.DroppedSegments;
            SpinWait.SpinUntil(() => recorder.Status.DroppedSegments != dropped, TimeSpan.FromMilliseconds(500));
        };
        using var machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session = MachineRuns.StartRecording(machine, recorder.Log, MachineRunner.MakeScheduler("chaos", 2),
            TimeProvider.System, options => options with
            {
                DigestInterval = 1, KeepStates = true, Checkpoints = recorder.CheckpointsOf(machine),
            });
        machine.Run(session);
        return storage.Missed;
    }

    /// <summary>A disk that takes long to open the file that is dropped next.</summary>
    private sealed class SlowlyOpened(SimulatedDisk disk) : ILogStorage, ILogFileRemoval
    {
        private string _oldest = "";

        public Action Opens { get; set; } = static () => { };

        public int Missed { get; private set; }

        public IReadOnlyList<string> List()
        {
            IReadOnlyList<string> names = disk.List();
            int[] numbers = [.. names.Select(static name => int.TryParse(Path.GetFileNameWithoutExtension(name), out int number) ? number : -1)
                .Where(static number => number >= 0).Order()];
            // What the machine starts from stays: the names before a gap.
            int index = Array.FindIndex(numbers, number => number > Array.IndexOf(numbers, number));
            _oldest = index < 0 ? "" : SegmentWriter.NameOf(numbers[index]);
            return names;
        }

        public ILogFile Create(string name) => disk.Create(name);

        public ILogFile Open(string name)
        {
            if (name != _oldest)
                return disk.Open(name);
            Opens();
            try
            {
                return disk.Open(name);
            }
            catch (FileNotFoundException)
            {
                Missed++;
                throw;
            }
        }

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void Remove(string name) => disk.Remove(name);

        public void SyncNames() => disk.SyncNames();
    }
}
