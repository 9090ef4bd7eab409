using System.CommandLine;
using System.Globalization;
using Determinism.Guests;

namespace Determinism.RecordReplay;

/// <summary>The program's options.</summary>
internal sealed class CommandLine
{
    private readonly Option<string> _workload = new("--workload")
    {
        Description = "The guest to run.", DefaultValueFactory = _ => "racy",
    };

    private readonly Option<int> _vcpus = new("--vcpus")
    {
        Description = "Number of vCPUs, 1 to 64.", DefaultValueFactory = _ => 4,
    };

    private readonly Option<int> _runs = new("--runs")
    {
        Description = "Number of recordings.", DefaultValueFactory = _ => 6,
    };

    private readonly Option<int> _replays = new("--replays")
    {
        Description = "Replays of each recording.", DefaultValueFactory = _ => 3,
    };

    private readonly Option<string> _scheduler = new("--scheduler")
    {
        Description = "Which vCPU runs when, while recording.", DefaultValueFactory = _ => "parallel",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of the chaos scheduler and of the guest's disk.", DefaultValueFactory = _ => 1,
    };

    private readonly Option<string> _backend = new("--backend")
    {
        Description = "What runs the vCPUs.", DefaultValueFactory = _ => "managed",
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

    private readonly Option<string?> _log = new("--log")
    {
        Description = "A folder to keep the log of the last recording in.",
    };

    private readonly Option<string?> _flightRecorder = new("--flight-recorder")
    {
        Description = "With --log: keeps the newest part of the log only, of so many bytes, such as 16M; at least 64K.",
    };

    private readonly Option<string?> _replay = new("--replay")
    {
        Description = "Replays a log that --log kept, and does nothing else; of a recording that was killed, what is there.",
    };

    private readonly Option<string?> _goLiveAt = new("--go-live-at")
    {
        Description = "With --replay: the machine goes on as a new execution from an event on, AGENT:EVENT, which is recorded "
            + "into --log and replayed.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead of text." };

    private readonly RootCommand _root =
        new("Records a multiprocessor guest, replays every recording, and compares every bit.");

    public CommandLine()
    {
        _workload.AcceptOnlyFromAmong([.. GuestCatalog.All.Select(guest => guest.Name)]);
        _scheduler.AcceptOnlyFromAmong("parallel", "serial", "chaos");
        _backend.AcceptOnlyFromAmong([.. Backends.Names]);
        _replayBackend.AcceptOnlyFromAmong([.. Backends.Names]);
        _clock.AcceptOnlyFromAmong("instructions", "polls");
        Demand(_vcpus, 1, 64);
        Demand(_runs, 1, 10_000);
        Demand(_replays, 1, 10_000);
        _flightRecorder.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && ParseBytes(text) is < 64 << 10)
                result.AddError("--flight-recorder takes a number of bytes such as 16M, at least 64K.");
            if (result.GetValueOrDefault<string?>() is not null && result.GetResult(_log) is null)
                result.AddError("--flight-recorder needs --log.");
        });
        _goLiveAt.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && ParseEvent(text) is null)
                result.AddError("--go-live-at takes AGENT:EVENT, such as 1:200.");
        });
        foreach (Option option in new Option[]
            { _workload, _vcpus, _runs, _replays, _scheduler, _seed, _backend, _replayBackend, _clock,
            _log, _flightRecorder, _replay, _goLiveAt, _json })
            _root.Options.Add(option);
    }

    public int Invoke(string[] args, Func<Settings, ExitCode> run)
    {
        _root.SetAction(parsed => (int)run(new Settings
        {
            Workload = GuestCatalog.Find(parsed.GetValue(_workload)!)!,
            Vcpus = parsed.GetValue(_vcpus),
            Runs = parsed.GetValue(_runs),
            Replays = parsed.GetValue(_replays),
            Scheduler = parsed.GetValue(_scheduler)!,
            Seed = parsed.GetValue(_seed),
            Backend = parsed.GetValue(_backend)!,
            ReplayBackend = parsed.GetValue(_replayBackend) ?? parsed.GetValue(_backend)!,
            Clock = ClockOf(parsed),
            LogFolder = parsed.GetValue(_log),
            KeepBytes = parsed.GetValue(_flightRecorder) is { } bytes ? ParseBytes(bytes) : 0,
            Replay = parsed.GetValue(_replay),
            GoLiveAt = parsed.GetValue(_goLiveAt) is { } at ? ParseEvent(at) : null,
            Json = parsed.GetValue(_json),
        }));
        _root.Validators.Add(result =>
        {
            if (result.GetValue(_goLiveAt) is not null && (result.GetValue(_replay) is null || result.GetValue(_log) is null))
                result.AddError("--go-live-at needs --replay and --log.");
        });
        ParseResult parsed = _root.Parse(args);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke();
        foreach (var error in parsed.Errors)
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine("--help lists the options.");
        return (int)ExitCode.Usage;
    }

    // 0 for what is none.
    private static long ParseBytes(string text)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        return long.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= long.MaxValue >> shift ? number << shift : 0;
    }

    private ClockKind ClockOf(ParseResult parsed)
    {
        bool hasExactClocks = parsed.GetValue(_backend) == Backends.Managed
            && parsed.GetValue(_replayBackend) is null or Backends.Managed;
        return (parsed.GetValue(_clock) ?? (hasExactClocks ? "instructions" : "polls")) == "polls"
            ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions;
    }

    private static (int Agent, ulong Event)? ParseEvent(string text) =>
        text.Split(':') is [var agent, var number]
        && int.TryParse(agent, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
        && ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong events)
            ? (id, events) : null;

    private static void Demand(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            result.AddError($"{option.Name} takes {least} to {most}.");
    });
}
