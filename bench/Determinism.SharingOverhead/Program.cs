using Determinism;
using Determinism.Kvm;
using Determinism.SharingOverhead;

// What sharing costs: each guest unrecorded, recorded in parallel, recorded one vCPU at a time, and replayed.
const int Unsupported = 3, Failed = 4;
return new CommandLine().Invoke(args, settings =>
{
    try
    {
        bool isFine = settings.EarlierFiles.Count > 0
            ? EarlierRuns.Report(settings, Console.Out, Console.Error)
            : new Benchmark(settings, BackendNames.Find(settings.Backend), Console.Out, Console.Error).Run();
        return isFine ? 0 : Failed;
    }
    catch (KvmUnavailableException error)
    {
        Console.Error.WriteLine(error.Message);
        return Unsupported;
    }
    catch (Exception error) when (error is DeterminismException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine(error.Message);
        return Failed;
    }
});
