// Records a racy guest and replays it, compiled ahead of time: exit code 0 if every bit is the same.
using Determinism;
using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

const int Vcpus = 2;
const int Replays = 3;

MachineConfiguration configuration = GuestCatalog.Find("racy")!
    .Configure(Vcpus, ClockKind.RetiredInstructions, 2000, 16) with { MemoryBytes = 16UL << 20 };
var log = new MemoryEventLog(configuration.Shape.AgentCount);

MachineState recorded;
using (GuestMachine machine = NewMachine(configuration))
{
    using RecordingSession session =
        MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System);
    machine.Run(session);
    recorded = MachineState.Capture(machine);
}

for (int replay = 0; replay < Replays; replay++)
{
    using GuestMachine machine = NewMachine(MachineConfiguration.ReadFrom(log));
    using ReplaySession session = MachineRuns.StartReplay(machine, log);
    machine.Run(session);
    if (recorded.FindDifference(MachineState.Capture(machine)) is { } difference)
    {
        Console.Error.WriteLine(difference);
        return 1;
    }
}
Console.Write(recorded.Console);
Console.WriteLine("replays identical");
return 0;

static GuestMachine NewMachine(MachineConfiguration configuration) =>
    new(configuration, new ManagedBackend(), new MachineSurroundings
    {
        Time = TimeProvider.System,
        TimeLimit = TimeSpan.FromMinutes(1),
        Entropy = static () => (ulong)Random.Shared.NextInt64(),
        ConsoleInput = static _ => 0,
    });
