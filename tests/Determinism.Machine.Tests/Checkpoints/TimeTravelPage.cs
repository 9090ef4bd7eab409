using Determinism.Checkpoints;
using Determinism.Emulation;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Scheduling;
using Console = System.Console;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>The code of docs/time-travel.md.</summary>
public class TimeTravelPage
{
    [Fact]
    public void The_pages_code_does_what_it_says()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions);
        MemoryEventLog log = RecordSharing(configuration);
        Travel(log);
        GoOn(log, new MemoryEventLog(configuration.Shape.AgentCount),
            new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0 });
    }

    /// <summary>On a busy computer one vCPU may be through before the other has begun: then there is nothing to see.</summary>
    private static MemoryEventLog RecordSharing(MachineConfiguration configuration)
    {
        const int Tries = 50;
        for (int tried = 1; ; tried++)
        {
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            using GuestMachine machine = MachineRunner.NewMachine(configuration);
            Record(machine, log);
            if (tried == Tries || EventCursors.Seek(log, 1, 20).Consumed == 20)
                return log;
        }
    }

    private static void Record(GuestMachine machine, MemoryEventLog log)
    {
        using RecordingSession session = MachineRuns.StartRecording(
            machine, log, new ParallelScheduler(), TimeProvider.System, options => options with
            {
                Checkpoints = new CheckpointOptions { State = machine, Interval = TimeSpan.FromSeconds(1), LogBytes = 16 << 20 },
            });
        machine.Run(session);
    }

    private static void Travel(MemoryEventLog log)
    {
        using var travel = new TimeTravel(log, new ManagedBackend(), TimeProvider.System);
        travel.GoToEvent(agent: 1, number: 20);
        Console.WriteLine($"{travel.Here}: vCPU 0 at 0x{travel.Registers(0).Rip:x}");
        travel.GoToCount(vcpu: 0, count: travel.Here.Positions[0].Position - 1);
        Assert.NotEmpty(travel.Here.ToString());
    }

    private static void GoOn(MemoryEventLog log, MemoryEventLog child, MachineSurroundings surroundings)
    {
        using var travel = new TimeTravel(log, new ManagedBackend(), TimeProvider.System);
        travel.GoToEvent(agent: 1, number: 20);
        ReplaySnapshot there = travel.TakeSnapshot();
        using var machine = new GuestMachine(travel.Configuration, new ManagedBackend(), surroundings);
        using RecordingSession session = MachineRuns.StartRecording(
            machine, child, new ChaosScheduler(seed: 7, vcpuCount: 2), TimeProvider.System, options => options with { From = there });
        machine.Run(session);
        Assert.Null(MachineState.Capture(machine).FindDifference(MachineRunner.Replay(child)));
    }
}
