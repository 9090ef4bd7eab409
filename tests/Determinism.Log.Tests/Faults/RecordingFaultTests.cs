using Determinism.Log.Tests.Crashes;
using Determinism.Log.Tests.Disk;
using Determinism.Log.Tests.Support;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Recording;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Faults;

/// <summary>A recording whose log fails ends with that failure, on all its agents, and leaves what was acknowledged.</summary>
public class RecordingFaultTests(ITestOutputHelper output)
{
    private const int Seed = 13;

    [Theory]
    [InlineData("racy", "parallel")]
    [InlineData("devices", "parallel")]
    [InlineData("racy", "serial")]
    [InlineData("racy", "chaos")]
    public void A_recording_ends_with_the_failure_of_its_log(string guest, string scheduler)
    {
        int failures = 0, states = 0;
        for (int operation = 5; ; operation += TestTier.Times(13, 1))
        {
            var disk = new SimulatedDisk();
            var flaky = new FlakyStorage(disk, operation);
            using var log = new WatchedLog(new FileEventLog(flaky, 3, new LogWriteOptions { SegmentBytes = 8 << 10 }), disk,
                eventsPerCommit: scheduler == "serial" ? 3 : 25);
            Exception? thrown = Patience.Catch(() => RunRecording(guest, scheduler, log));
            if (flaky.Failed is null)
            {
                Assert.Null(thrown);
                break;
            }
            failures++;
            Assert.IsType<IOException>(Assert.IsType<LogWriteException>(thrown).InnerException);
            Assert.Equal(0, flaky.TriedAfterwards);
            log.Dispose();
            var recovery = new Recovery(log.ToRecorded());
            Assert.Null(recovery.FindFault(disk.Now, states: 3, new Random(Seed)));
            states += recovery.States;
        }
        output.WriteLine($"{guest}, {scheduler}, seed {Seed}: {failures} failures, {states} states recovered.");
        Assert.True(failures > 2);
    }

    private static void RunRecording(string guest, string scheduler, IEventLog log)
    {
        MachineConfiguration configuration = MachineRunner.Configure(guest, 2, ClockKind.RetiredInstructions);
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session = MachineRuns.StartRecording(
            machine, log, MachineRunner.MakeScheduler(scheduler, 2), TimeProvider.System);
        try
        {
            machine.Run(session);
        }
        finally
        {
            if (session.Failure is { } failure)
                Assert.IsType<LogWriteException>(failure);
        }
    }
}
