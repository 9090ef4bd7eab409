using CustomBackend;
using CustomBackend.Machine;
using Determinism;

int runs = args.Length > 0 ? int.Parse(args[0]) : 6;
int cpus = args.Length > 1 ? int.Parse(args[1]) : 2;
GuestProgram program = GuestProgram.Race(rounds: 20_000);

int identical = 0, differWithoutOrder = 0;
var outcomes = new HashSet<string>();
for (int run = 1; run <= runs; run++)
{
    Recording recording = Recording.Make(program, cpus);
    outcomes.Add(recording.Vm.Outcome);
    bool isIdentical = recording.Replay().Outcome == recording.Vm.Outcome;
    identical += isIdentical ? 1 : 0;
    differWithoutOrder += DiffersWithoutOrder(recording) ? 1 : 0;
    Console.WriteLine($"{run}: racy {recording.Vm.Word(GuestProgram.Racy)}, locked {recording.Vm.Word(GuestProgram.Locked)}, "
        + $"timer ticks {recording.Vm.Word(GuestProgram.Ticks)}, log {recording.LogBytes} bytes, "
        + $"replay {(isIdentical ? "identical" : "DIFFERS")}");
}
int unrecorded = Enumerable.Range(0, runs).Select(_ => Recording.RunUnrecorded(program, cpus).Outcome).Distinct().Count();
Console.WriteLine($"different outcomes: {outcomes.Count} recorded, {unrecorded} unrecorded; "
    + $"different without the recorded order: {differWithoutOrder}");
Console.WriteLine($"replays identical: {identical} of {runs}");
return identical == runs && (runs == 1 || outcomes.Count > 1) && differWithoutOrder > 0 ? 0 : 1;

// The control: inputs and interrupts alone do not make a run.
static bool DiffersWithoutOrder(Recording recording)
{
    try
    {
        return recording.Replay(withholdConstraints: true).Outcome != recording.Vm.Outcome;
    }
    catch (DeterminismException)
    {
        return true;
    }
}
