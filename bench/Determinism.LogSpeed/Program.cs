using System.CommandLine;
using Determinism.LogSpeed;

// What the event log costs: beside a well-known log, in a large one, and in bytes.
var folder = new Option<string>("--folder")
{
    Description = "Where files are written; a new folder in it, removed afterwards.", DefaultValueFactory = _ => Path.GetTempPath(),
};
var rounds = new Option<int>("--rounds") { Description = "Rounds; medians are shown.", DefaultValueFactory = _ => 7 };
var parts = new Option<string[]>("--only")
{
    Description = "What to measure; all by default.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Peers.Parts,
};
parts.AcceptOnlyFromAmong(Peers.Parts);
var gigabytes = new Option<double>("--gigabytes") { Description = "Size of the log.", DefaultValueFactory = _ => 10 };
var json = new Option<bool>("--json") { Description = "JSON instead of tables." };
var opens = new Option<int>("--opens") { Description = "Random openings.", DefaultValueFactory = _ => 1_000 };

var peers = new Command("peers", "Append, scan and commit beside FasterLog, with the same payloads in the same run.") { folder, rounds, parts };
peers.SetAction(parsed => Run(parsed.GetValue(folder)!, where => Peers.Run(
    where, parsed.GetValue(rounds), parsed.GetValue(parts)!)));
var open = new Command("open", "Opens a large log at random points.") { folder, gigabytes, opens };
open.SetAction(parsed => Run(parsed.GetValue(folder)!, where => Opening.Run(
    where, (long)(parsed.GetValue(gigabytes) * 1e9), parsed.GetValue(opens))));
var sizes = new Command("sizes", "Bytes of each kind of event, for every guest.") { folder, json };
sizes.SetAction(parsed => Run(parsed.GetValue(folder)!, where => Sizes.Run(where, parsed.GetValue(json))));
ParseResult command = new RootCommand("What the event log costs.") { peers, open, sizes }.Parse(args);
int result = command.Invoke();
return command.Errors.Count > 0 ? 64 : result;

static int Run(string parent, Func<string, int> measure)
{
    string folder = Path.Combine(parent, Path.GetRandomFileName());
    Directory.CreateDirectory(folder);
    try
    {
        return measure(folder);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}
