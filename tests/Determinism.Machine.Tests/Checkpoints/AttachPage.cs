using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>The code of docs/time-travel.md that attaches recordings.</summary>
public class AttachPage
{
    private static readonly MachineConfiguration s_racy = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions) with
    {
        Parameters = [200_000, 16],
    };

    [Fact]
    public void A_running_machine_is_recorded_for_a_while()
    {
        var log = new MemoryEventLog(s_racy.Shape.AgentCount);
        using GuestMachine machine = MachineRunner.NewMachine(s_racy);
        using var running = new RunningMachine(machine, TimeProvider.System);    // unrecorded
        running.Attach(log, new ParallelScheduler());
        // ... until what was to be seen has been seen
        running.Detach();
        running.WaitForEnd();
        Assert.Equal(0UL, machine.ExitCodes[0]);
        Replay(log);
    }

    [Fact]
    public void A_monitor_of_ones_own_does_it_by_hand()
    {
        var log = new MemoryEventLog(s_racy.Shape.AgentCount);
        using GuestMachine machine = MachineRunner.NewMachine(s_racy);
        HandOver(machine, log);
        Assert.Equal(0UL, machine.ExitCodes[0]);
    }

    private static void HandOver(GuestMachine machine, MemoryEventLog log)
    {
        (IVmBackend backend, MachineShape shape, ICheckpointState state) = (machine.Processors, s_racy.Shape, machine);
        TimeSpan patience = TimeSpan.FromSeconds(30);
        var options = new RecordingOptions { Time = TimeProvider.System, Guest = s_racy.GuestName, InitialState = s_racy.Digest };
        using UnrecordedSession unrecorded = UnrecordedSession.Start(backend, shape);
        Task run = Task.Run(() => RunLoops(unrecorded));

        StandingMachine standing = unrecorded.HandOver(TimeProvider.System, patience);
        run.Wait();                                              // the loops of that session have returned
        using RecordingSession recording = RecordingSession.Start(
            backend, shape, log, options with { Standing = standing, State = state });
        run = Task.Run(() => RunLoops(recording));               // each agent's, from where it stands
        // ...
        standing = recording.HandOver();                         // the log ends here
        run.Wait();                                              // Complete has closed it
        using UnrecordedSession after = UnrecordedSession.Start(backend, shape, standing);

        RunLoops(after);
        Assert.True(recording.IsHandedOver && !after.IsHandedOver && log.IsComplete);
        Assert.Throws<InvalidOperationException>(() => UnrecordedSession.Start(backend, shape, standing));

        void RunLoops(ExecutionSession session) => machine.Run(session);
    }

    private static void Replay(MemoryEventLog log)
    {
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(log));
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
        Assert.True(session.ReachedEveryEnd);
    }
}
