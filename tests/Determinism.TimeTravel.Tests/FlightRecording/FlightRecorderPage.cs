using Determinism.Emulation;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.TimeTravel.Tests.FlightRecording;

/// <summary>The code of docs/time-travel.md about flight recorders.</summary>
public class FlightRecorderPage
{
    [Fact]
    public void The_pages_code_does_what_it_says()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("flight");
        string path = Path.Combine(folder.FullName, "log");
        try
        {
            MachineConfiguration configuration = FlightRun.Configure("racy", 2, ClockKind.RetiredInstructions);
            using (var machine = new GuestMachine(configuration, new ManagedBackend(), FlightRun.Surroundings))
                Record(machine, configuration, path);
            using var log = new FileEventLogReader(path);
            Assert.True(log.IsComplete);
            Assert.Equal(2, log.FormatVersion);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Record(GuestMachine machine, MachineConfiguration configuration, string path)
    {
        using var recorder = new FlightRecorder(path, configuration.Shape.AgentCount, new FlightRecorderOptions
        {
            KeepBytes = 64 << 20, Time = TimeProvider.System,
        });
        using RecordingSession session = MachineRuns.StartRecording(machine, recorder.Log, new ParallelScheduler(),
            TimeProvider.System, options => options with { Checkpoints = recorder.CheckpointsOf(machine) });
        machine.Run(session);
    }
}
