using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using Determinism.Guests;

namespace Determinism.SharingOverhead;

/// <summary>The program's options.</summary>
internal sealed class CommandLine
{
    public const int UsageExitCode = 64;

    private readonly Option<string[]> _guests = List("--guests", "Guests of the project; all kernels and patterns by default.");

    private readonly Option<string?> _guest = new("--guest")
    {
        Description = "A guest of your own: an ELF file. What follows -- is its parameters, at most 16 numbers.",
    };

    private readonly Argument<ulong[]> _arguments = new("ARGS")
    {
        Description = "The parameters of --guest.", Arity = ArgumentArity.ZeroOrMore, DefaultValueFactory = _ => [],
    };

    private readonly Option<string> _backend = new("--backend")
    {
        Description = "What runs the vCPUs.", DefaultValueFactory = _ => BackendNames.Managed,
    };

    private readonly Option<string?> _clock = new("--clock")
    {
        Description = "What places events: instructions or polls. Default: instructions on the managed machine; KVM has polls alone.",
    };

    private readonly Option<string> _size = new("--size")
    {
        Description = "S: an instant. M: some seconds without recording.", DefaultValueFactory = _ => "S",
    };

    private readonly Option<string[]> _vcpus = List("--vcpus", "Numbers of vCPUs, 1 to 64; 2 by default.");

    private readonly Option<int> _repeat = new("--repeat")
    {
        Description = "Rounds that count; one more is for warming up.", DefaultValueFactory = _ => 5,
    };

    private readonly Option<string[]> _policies = List("--policy",
        $"How to record in parallel, of {string.Join(", ", SharingOverhead.Policies.Names)}. "
        + $"Default: {SharingOverhead.Policies.Default}, the library's own.");

    private readonly Option<int> _pageSize = new("--page-size")
    {
        Description = "Bytes of a frame, a power of two from 64 to 1048576; KVM: 4096 or more.", DefaultValueFactory = _ => 4096,
    };

    private readonly Option<int> _limit = new("--limit")
    {
        Description = "Seconds that a single run may take.", DefaultValueFactory = _ => 300,
    };

    private readonly Option<bool> _noPin = new("--no-pin") { Description = "Lets vCPUs run on any CPU." };

    private readonly Option<string[]> _from = List("--from",
        "Reports what earlier runs have written with --json, put together, instead of measuring.");

    private readonly Option<string?> _json = new("--json") { Description = "Writes every row to a JSON file." };

    private readonly Option<string?> _csv = new("--csv") { Description = "Writes every row to a CSV file." };

    private readonly Option<string?> _charts = new("--charts") { Description = "Draws charts into a folder." };

    private readonly Option<string?> _results = new("--results")
    {
        Description = "Writes a report into a folder in this one that is named after the processor.",
    };

    private readonly RootCommand _root = new("Measures what recording and replaying cost, against the same guest unrecorded and "
        + "against recording one vCPU at a time.");

    public CommandLine()
    {
        _backend.AcceptOnlyFromAmong(BackendNames.Managed, BackendNames.Kvm);
        _clock.AcceptOnlyFromAmong("instructions", "polls");
        _size.AcceptOnlyFromAmong("S", "M");
        Demand(_guests, static name => GuestCatalog.Find(name) is not null, "there is no guest");
        Demand(_policies, static name => SharingOverhead.Policies.Names.Contains(name), "there is no policy");
        Demand(_vcpus, static text => int.TryParse(text, out int count) && count is >= 1 and <= 64, "no number of vCPUs:");
        Demand(_repeat, static value => value is >= 1 and <= 10_000);
        Demand(_limit, static value => value is >= 1 and <= 86_400);
        Demand(_pageSize, static value => value is >= 64 and <= 1 << 20 && BitOperations.IsPow2(value));
        foreach (Option option in new Option[]
        {
            _guests, _guest, _backend, _clock, _size, _vcpus, _repeat, _policies, _pageSize, _limit, _noPin, _from, _json, _csv,
            _charts, _results,
        })
            _root.Options.Add(option);
        _root.Arguments.Add(_arguments);
        _root.Validators.Add(CheckTogether);
    }

    public int Invoke(string[] args, Func<Settings, int> run)
    {
        _root.SetAction(parsed => run(Read(parsed)));
        ParseResult parsed = _root.Parse(args);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke();
        foreach (ParseError error in parsed.Errors)
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine("--help lists the options.");
        return UsageExitCode;
    }

    private Settings Read(ParseResult parsed)
    {
        bool isKvm = parsed.GetValue(_backend) == BackendNames.Kvm;
        return new Settings
        {
            Guests = Split(parsed.GetValue(_guests)) is { Count: > 0 } names ? names : AllGuests,
            GuestFile = parsed.GetValue(_guest),
            GuestArguments = parsed.GetValue(_arguments) ?? [],
            Backend = parsed.GetValue(_backend)!,
            Clock = (parsed.GetValue(_clock) ?? (isKvm ? "polls" : "instructions")) == "polls"
                ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions,
            IsLarge = parsed.GetValue(_size) == "M",
            Vcpus = Split(parsed.GetValue(_vcpus)) is { Count: > 0 } counts ? [.. counts.Select(int.Parse)] : [2],
            Repeat = parsed.GetValue(_repeat),
            Policies = Split(parsed.GetValue(_policies)) is { Count: > 0 } chosen ? chosen : [SharingOverhead.Policies.Default],
            PageShift = BitOperations.Log2((uint)parsed.GetValue(_pageSize)),
            Limit = TimeSpan.FromSeconds(parsed.GetValue(_limit)),
            Pins = !parsed.GetValue(_noPin),
            EarlierFiles = Split(parsed.GetValue(_from)),
            JsonFile = parsed.GetValue(_json),
            CsvFile = parsed.GetValue(_csv),
            ChartFolder = parsed.GetValue(_charts),
            ResultFolder = parsed.GetValue(_results),
        };
    }

    private static IReadOnlyList<string> AllGuests { get; } =
        [.. GuestCatalog.All.Where(static guest => guest.Kind is GuestKind.Kernel or GuestKind.Pattern).Select(static guest => guest.Name)];

    private void CheckTogether(CommandResult result)
    {
        bool hasFile = result.GetResult(_guest) is not null;
        if (hasFile && result.GetResult(_guests) is not null)
            result.AddError("--guest and --guests do not go together");
        if (!hasFile && result.GetResult(_arguments) is { Tokens.Count: > 0 })
            result.AddError("parameters are those of --guest");
        if (result.GetResult(_arguments) is { Tokens.Count: > 16 })
            result.AddError("a guest has at most 16 parameters");
        if (result.GetResult(_from) is not null && (hasFile || result.GetResult(_guests) is not null))
            result.AddError("--from measures no guests");
        if (result.GetValue(_backend) == BackendNames.Kvm && result.GetValue(_clock) == "instructions")
            result.AddError("KVM does not count instructions");
    }

    private static Option<string[]> List(string name, string description) =>
        new(name) { Description = description + " Separated by commas or spaces.", AllowMultipleArgumentsPerToken = true };

    // "a,b c" is three.
    private static List<string> Split(IEnumerable<string>? values) =>
        [.. (values ?? []).SelectMany(static value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct()];

    private static void Demand(Option<string[]> option, Func<string, bool> isFine, string otherwise) => option.Validators.Add(result =>
    {
        foreach (string value in Split(result.Tokens.Select(static token => token.Value)).Where(value => !isFine(value)))
            result.AddError($"{option.Name}: {otherwise} {value}");
    });

    private static void Demand(Option<int> option, Func<int, bool> isFine) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value) && !isFine(value))
            result.AddError($"{option.Name}: {value} is out of range");
    });
}
