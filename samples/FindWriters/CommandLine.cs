using System.CommandLine;
using Determinism.Guests;
using Determinism.RecordReplay;

namespace Determinism.FindWriters;

/// <summary>The program's options.</summary>
internal sealed class CommandLine
{
    private readonly Option<string> _symbol = new("--symbol")
    {
        Description = "The variable.", DefaultValueFactory = _ => "counter",
    };

    private readonly Option<string?> _log = new("--log")
    {
        Description = "A log to look into, such as RecordReplay keeps. Default: the guest is recorded first.",
    };

    private readonly Option<string> _workload = new("--workload")
    {
        Description = "The guest to record.", DefaultValueFactory = _ => "racy",
    };

    private readonly Option<int> _vcpus = new("--vcpus")
    {
        Description = "Number of its vCPUs, 1 to 64.", DefaultValueFactory = _ => 2,
    };

    private readonly Option<ulong[]> _parameters = new("--parameters")
    {
        Description = "The guest's parameters. Default: a short run of racy, and what other guests do by default.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _backend = new("--backend")
    {
        Description = "What records.", DefaultValueFactory = _ => Backends.Managed,
    };

    private readonly RootCommand _root = new("Finds every writer of a variable in a recording of a multiprocessor guest.");

    public CommandLine()
    {
        _workload.AcceptOnlyFromAmong([.. GuestCatalog.All.Select(guest => guest.Name)]);
        _backend.AcceptOnlyFromAmong([.. Backends.Names]);
        _vcpus.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 64)
                result.AddError("--vcpus takes 1 to 64.");
        });
        foreach (Option option in new Option[] { _symbol, _log, _workload, _vcpus, _parameters, _backend })
            _root.Options.Add(option);
    }

    public int Invoke(string[] args, Func<Settings, ExitCode> run)
    {
        _root.SetAction(parsed =>
        {
            Guest workload = GuestCatalog.Find(parsed.GetValue(_workload)!)!;
            ulong[] parameters = parsed.GetValue(_parameters) ?? [];
            return (int)run(new Settings
            {
                Symbol = parsed.GetValue(_symbol)!,
                Log = parsed.GetValue(_log),
                Workload = workload,
                Vcpus = parsed.GetValue(_vcpus),
                Parameters = parameters.Length == 0 && workload.Name == "racy" ? [60, 8] : parameters,
                Backend = parsed.GetValue(_backend)!,
            });
        });
        ParseResult parsed = _root.Parse(args);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke();
        foreach (var error in parsed.Errors)
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine("--help lists the options.");
        return (int)ExitCode.Usage;
    }
}
