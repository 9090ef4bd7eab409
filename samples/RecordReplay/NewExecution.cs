using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.RecordReplay;

/// <summary>Takes a recorded machine to one of its events, and lets it go its own way from there: recorded, and replayed.</summary>
internal sealed class NewExecution(Settings settings)
{
    public ExitCode Run(TextWriter output)
    {
        using var parent = new FileEventLogReader(settings.Replay!);
        using var travel = new TimeTravel(parent.IsComplete ? parent : ClosedLog.Of(parent), Backends.Find(settings.ReplayBackend), TimeProvider.System);
        (int agent, ulong number) = settings.GoLiveAt!.Value;
        ReplaySnapshot there;
        try
        {
            travel.GoToEvent(agent, number);
            there = travel.TakeSnapshot();
        }
        catch (ArgumentOutOfRangeException error)
        {
            Console.Error.WriteLine(error.Message);
            return ExitCode.Usage;
        }
        output.WriteLine($"goes live at {travel.Here}");

        string name = travel.Configuration.GuestName + "-live";
        MachineState recorded = Record(travel.Configuration, there, name);
        output.Write(recorded.Console);
        using var log = new FileEventLogReader(KeptLog.PathOf(settings.LogFolder!, name));
        string? difference = Replay(log, recorded);
        output.WriteLine(difference ?? "replay identical");
        return difference is null ? ExitCode.Identical : ExitCode.Divergence;
    }

    private MachineState Record(MachineConfiguration configuration, ReplaySnapshot from, string name)
    {
        using var machine = new GuestMachine(configuration, Backends.Find(settings.Backend), Surroundings.Make());
        using FileEventLog log = KeptLog.Create(settings.LogFolder!, name, configuration.Shape.AgentCount);
        using RecordingSession session = MachineRuns.StartRecording(machine, log, settings.MakeScheduler(0, configuration.VcpuCount),
            TimeProvider.System, options => options with { From = from });
        machine.Run(session);
        return MachineState.Capture(machine);
    }

    private string? Replay(FileEventLogReader log, MachineState recorded)
    {
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(log), Backends.Find(settings.ReplayBackend), Surroundings.Make());
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        try
        {
            machine.Run(session);
            return recorded.FindDifference(MachineState.Capture(machine));
        }
        catch (ReplayDivergenceException divergence)
        {
            return divergence.Message;
        }
    }
}
