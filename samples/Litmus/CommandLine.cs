using System.CommandLine;
using Determinism.RecordReplay;

namespace Determinism.Litmus;

/// <summary>The program's options.</summary>
internal sealed class CommandLine
{
    private readonly Argument<string> _folder = new("folder") { Description = "A folder of litmus tests, *.litmus." };

    private readonly Option<string> _backend = new("--backend")
    {
        Description = "What runs the vCPUs.", DefaultValueFactory = _ => Backends.Managed,
    };

    private readonly Option<string?> _replayBackend = new("--replay-backend")
    {
        Description = "What runs the vCPUs of replays. Default: what recorded them.",
    };

    private readonly Option<string?> _clock = new("--clock")
    {
        Description = "What places events: retired instructions, or the polls that guests count. Default: instructions on "
            + "the managed machine, polls with KVM.",
    };

    private readonly Option<string> _scheduler = new("--scheduler")
    {
        Description = "Which vCPU runs when, while recording.", DefaultValueFactory = _ => "chaos",
    };

    private readonly Option<int> _slice = new("--slice")
    {
        Description = "The most counts of the clock between two decisions of the chaos scheduler.", DefaultValueFactory = _ => 16,
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of the chaos scheduler and of the threads' delays.", DefaultValueFactory = _ => 1,
    };

    private readonly Option<int> _runs = new("--runs")
    {
        Description = "How often each test runs in one recording.", DefaultValueFactory = _ => 100,
    };

    private readonly Option<int> _recordings = new("--recordings")
    {
        Description = "Number of recordings of each test.", DefaultValueFactory = _ => 1,
    };

    private readonly Option<bool> _untilComplete = new("--until-complete")
    {
        Description = "Make no more recordings of a test than are needed to see every sequentially consistent outcome.",
    };

    private readonly Option<int> _replays = new("--replays")
    {
        Description = "Replays of each recording.", DefaultValueFactory = _ => 1,
    };

    private readonly Option<string> _layout = new("--layout")
    {
        Description = "How far variables are from each other: a page, a cache line, or not at all.",
        DefaultValueFactory = _ => "page",
    };

    private readonly Option<int> _delayBits = new("--delay-bits")
    {
        Description = "Binary logarithm of the longest delay of a thread before an iteration, in rounds of a loop.",
        DefaultValueFactory = _ => 3,
    };

    private readonly Option<bool> _unrecorded = new("--unrecorded")
    {
        Description = "Run without recording, to see what a recording does not show.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON: a line a test, and one in the end." };

    private readonly RootCommand _root =
        new("Runs litmus tests as guests, records them, replays every recording, and compares with what TSO allows.");

    public CommandLine()
    {
        _backend.AcceptOnlyFromAmong([.. Backends.Names]);
        _replayBackend.AcceptOnlyFromAmong([.. Backends.Names]);
        _clock.AcceptOnlyFromAmong("instructions", "polls");
        _scheduler.AcceptOnlyFromAmong("parallel", "serial", "chaos");
        _layout.AcceptOnlyFromAmong("page", "line", "same");
        Demand(_slice, 1, 1_000_000);
        Demand(_runs, 1, 1_000_000);
        Demand(_recordings, 1, 10_000);
        Demand(_replays, 0, 10_000);
        Demand(_delayBits, 0, 30);
        _root.Arguments.Add(_folder);
        foreach (Option option in new Option[]
            { _backend, _replayBackend, _clock, _scheduler, _slice, _seed, _runs, _recordings, _untilComplete, _replays, _layout,
            _delayBits, _unrecorded, _json })
            _root.Options.Add(option);
    }

    public int Invoke(string[] args, Func<Settings, ExitCode> run)
    {
        _root.SetAction(parsed => (int)run(new Settings
        {
            Folder = parsed.GetValue(_folder)!,
            Backend = parsed.GetValue(_backend)!,
            ReplayBackend = parsed.GetValue(_replayBackend) ?? parsed.GetValue(_backend)!,
            Clock = ClockOf(parsed),
            Scheduler = parsed.GetValue(_scheduler)!,
            Slice = (ulong)parsed.GetValue(_slice),
            Seed = parsed.GetValue(_seed),
            Runs = parsed.GetValue(_runs),
            Recordings = parsed.GetValue(_recordings),
            UntilComplete = parsed.GetValue(_untilComplete),
            Replays = parsed.GetValue(_replays),
            Layout = Enum.Parse<VariableLayout>(parsed.GetValue(_layout)!, ignoreCase: true),
            DelayBits = parsed.GetValue(_delayBits),
            Unrecorded = parsed.GetValue(_unrecorded),
            Json = parsed.GetValue(_json),
        }));
        ParseResult parsed = _root.Parse(args);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke();
        foreach (var error in parsed.Errors)
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine("--help lists the options.");
        return (int)ExitCode.Usage;
    }

    private ClockKind ClockOf(ParseResult parsed)
    {
        bool hasExactClocks = parsed.GetValue(_backend) == Backends.Managed
            && parsed.GetValue(_replayBackend) is null or Backends.Managed;
        return (parsed.GetValue(_clock) ?? (hasExactClocks ? "instructions" : "polls")) == "polls"
            ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions;
    }

    private static void Demand(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            result.AddError($"{option.Name} takes {least} to {most}.");
    });
}
