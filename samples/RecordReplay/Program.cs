using Determinism;
using Determinism.Kvm;
using Determinism.Machine;
using Determinism.RecordReplay;

return new CommandLine().Invoke(args, settings =>
{
    var outcomes = new List<Outcome>();
    bool hasTerminal = !Console.IsErrorRedirected && !settings.Json;
    try
    {
        if (settings.GoLiveAt is not null)
            return new NewExecution(settings).Run(Console.Out);
        if (settings.Replay is not null)
            return KeptLog.Replay(settings.Replay, Backends.Find(settings.ReplayBackend), Console.Out);
        var experiment = new Experiment(settings, Backends.Find(settings.Backend), Backends.Find(settings.ReplayBackend));
        for (int run = 0; run < settings.Runs; run++)
        {
            string progress = $"recording and replaying {run + 1} of {settings.Runs}";
            Console.Error.Write(hasTerminal ? $"\r{progress} " : settings.Json ? "" : progress + Environment.NewLine);
            outcomes.Add(experiment.Run(run));
        }
    }
    catch (Exception error) when (error is RecordingRefusedException or ReplayRefusedException or MachineRefusedException
        or KvmUnavailableException)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Unsupported;
    }
    catch (LogDamagedException error)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Damaged;
    }
    catch (Exception error) when (error is DeterminismException or IOException)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Failed;
    }
    if (hasTerminal)
        Console.Error.Write("\r" + new string(' ', 60) + "\r");

    var report = new Report(settings, outcomes);
    if (settings.Json)
        report.PrintJson(Console.Out);
    else
        report.PrintText(Console.Out);
    return report.ExitCode;
});
