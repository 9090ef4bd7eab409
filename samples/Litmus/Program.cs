using Determinism;
using Determinism.Kvm;
using Determinism.Litmus;
using Determinism.Machine;
using Determinism.RecordReplay;

return new CommandLine().Invoke(args, static settings =>
{
    var report = new Report(settings, Console.Out);
    try
    {
        var runner = new LitmusRunner(settings.ToRunSettings());
        foreach (LitmusFile file in LitmusFile.ReadFolder(settings.Folder))
        {
            string name = Path.GetRelativePath(settings.Folder, file.Path);
            try
            {
                if (file.Test is null)
                    report.Add(name, file.Problem!);
                else
                    report.Add(settings.Unrecorded ? runner.RunUnrecorded(file.Test) : runner.Record(file.Test));
            }
            catch (Exception error) when (error is LitmusFormatException or RecordingRefusedException)
            {
                report.Add(name, error.Message);
            }
        }
    }
    catch (Exception error) when (error is ReplayRefusedException or MachineRefusedException or KvmUnavailableException)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Unsupported;
    }
    catch (Exception error) when (error is DeterminismException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Failed;
    }
    report.PrintSummary();
    return report.ExitCode;
});
