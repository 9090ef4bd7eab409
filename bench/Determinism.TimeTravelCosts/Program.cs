using System.CommandLine;
using Determinism.Guests;
using Determinism.TimeTravelCosts;

// What checkpoints cost and what they are for: runs with and without them, their sizes and pauses, how long it takes to
// go somewhere in a recording, and how long a machine stands for a recording that is attached to it.
string[] names = [.. GuestCatalog.All.Where(static one => one.Kind is GuestKind.Kernel or GuestKind.Nondeterministic).Select(static one => one.Name)];
var guests = new Option<string[]>("--guests")
{
    Description = "Which guests; all kernels, racy and devices by default.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => names,
};
guests.AcceptOnlyFromAmong(names);
var backends = new Option<string[]>("--backend")
{
    Description = "kvm, managed; both by default.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Backends.Names,
};
backends.AcceptOnlyFromAmong(Backends.Names);
var interval = new Option<double>("--interval") { Description = "Seconds between two checkpoints.", DefaultValueFactory = _ => 0.5 };
var seeks = new Option<int>("--seeks") { Description = "Journeys to random events.", DefaultValueFactory = _ => 15 };
var isLong = new Option<bool>("--long")
{
    Description = "Instead: one long recording of racy, and journeys in it on KVM alone, on the managed machine alone, and handed over.",
};
var isAttach = new Option<bool>("--attach")
{
    Description = "Instead: how long a running machine stands when a recording is attached and detached, by the memory that it has touched.",
};
var rounds = new Option<int>("--rounds") { Description = "Of --attach: how often.", DefaultValueFactory = _ => 15 };
var increments = new Option<ulong>("--increments") { Description = "Of the long recording: racy's increments.", DefaultValueFactory = _ => 240_000_000 };
var folder = new Option<string>("--folder")
{
    Description = "Where logs are written; a new folder in it, removed afterwards.", DefaultValueFactory = _ => Path.GetTempPath(),
};
var root = new RootCommand("Measures checkpoints and journeys on this computer.") { guests, backends, interval, seeks, isLong, increments, isAttach, rounds, folder };
root.SetAction(parsed =>
{
    string[] chosen = parsed.GetValue(backends)!;
    if ((parsed.GetValue(isLong) || chosen.Contains("kvm")) && Backends.Kvm.FindObstacle() is { } obstacle)
    {
        Console.Error.WriteLine(obstacle);
        return 3;
    }
    string place = Path.Combine(parsed.GetValue(folder)!, Path.GetRandomFileName());
    Directory.CreateDirectory(place);
    try
    {
        var time = TimeSpan.FromSeconds(parsed.GetValue(interval));
        if (parsed.GetValue(isLong))
            LongReport.Print(place, time, parsed.GetValue(increments), parsed.GetValue(seeks));
        else if (parsed.GetValue(isAttach))
            AttachReport.Print(place, chosen, parsed.GetValue(rounds));
        else
            GuestReport.Print(place, parsed.GetValue(guests)!, chosen, time, parsed.GetValue(seeks));
        return 0;
    }
    finally
    {
        Directory.Delete(place, recursive: true);
    }
});
ParseResult command = root.Parse(args);
int result = command.Invoke();
return command.Errors.Count > 0 ? 64 : result;
