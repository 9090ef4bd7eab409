using Determinism;
using Determinism.Kvm;
using Determinism.Litmus;
using Determinism.Machine;
using Determinism.RecordReplay;

return new CommandLine().Invoke(args, static settings =>
{
    var report = new Report(settings, Console.Out);
    string file = settings.Folder;
    try
    {
        var runner = new LitmusRunner(settings.ToRunSettings());
        foreach (LitmusFile one in LitmusFile.ReadFolder(settings.Folder))
        {
            file = Path.GetRelativePath(settings.Folder, one.Path);
            try
            {
                if (one.Test is null)
                    report.Add(file, one.Problem!);
                else
                    report.Add(file, settings.Unrecorded ? runner.RunUnrecorded(one.Test) : runner.Record(one.Test));
            }
            catch (LitmusFormatException error)
            {
                report.Add(file, error.Message);
            }
        }
    }
    catch (Exception error) when (error is RecordingRefusedException or ReplayRefusedException or MachineRefusedException
        or KvmUnavailableException)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Unsupported;
    }
    catch (Exception error) when (error is DeterminismException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"{file}: {error.Message}");
        return ExitCode.Failed;
    }
    report.PrintSummary();
    return report.ExitCode;
});
