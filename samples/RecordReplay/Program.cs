using Determinism;
using Determinism.RecordReplay;

return new CommandLine().Invoke(args, settings =>
{
    if (settings.Backend == "kvm")
    {
        Console.Error.WriteLine("unsupported here: there is no KVM backend in this version");
        return ExitCode.Unsupported;
    }

    var experiment = new Experiment(settings);
    var outcomes = new List<Outcome>();
    bool hasTerminal = !Console.IsErrorRedirected && !settings.Json;
    try
    {
        for (int run = 0; run < settings.Runs; run++)
        {
            string progress = $"recording and replaying {run + 1} of {settings.Runs}";
            Console.Error.Write(hasTerminal ? $"\r{progress} " : settings.Json ? "" : progress + Environment.NewLine);
            outcomes.Add(experiment.Run(run));
        }
    }
    catch (RecordingRefusedException refused)
    {
        Console.Error.WriteLine(refused.Message);
        return ExitCode.Unsupported;
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
