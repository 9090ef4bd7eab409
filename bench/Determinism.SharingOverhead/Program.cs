using System.CommandLine;
using System.Globalization;
using Determinism;
using Determinism.Guests;
using Determinism.SharingOverhead;

// What sharing costs: each guest recorded in parallel, recorded serialised, and replayed, against an unrecorded run.
var guests = new Option<string[]>("--guests") { Description = "Guests; all by default.", AllowMultipleArgumentsPerToken = true };
var vcpus = new Option<int[]>("--vcpus")
{
    Description = "Numbers of vCPUs.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2, 4],
};
var repeat = new Option<int>("--repeat") { Description = "Rounds; medians are shown.", DefaultValueFactory = _ => 5 };
var clock = new Option<string>("--clock") { Description = "instructions or polls.", DefaultValueFactory = _ => "instructions" };
clock.AcceptOnlyFromAmong("instructions", "polls");
var size = new Option<string>("--size") { Description = "S or M.", DefaultValueFactory = _ => "S" };
size.AcceptOnlyFromAmong("S", "M");
var root = new RootCommand("Measures what recording and replaying cost.") { guests, vcpus, repeat, clock, size };
root.SetAction(parsed =>
{
    string[] names = parsed.GetValue(guests) is { Length: > 0 } some
        ? some
        : [.. GuestCatalog.All.Where(guest => guest.Kind != GuestKind.Test).Select(guest => guest.Name)];
    ClockKind kind = parsed.GetValue(clock) == "polls" ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions;
    Console.WriteLine("| guest | vCPUs | unrecorded s | M counts/s | recorded | serialised | replayed | constraints before "
        + "| after | events | log bytes | log bytes/s | bytes/event | steals |");
    Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    foreach (string name in names)
    {
        foreach (int count in parsed.GetValue(vcpus)!)
        {
            if (GuestCatalog.Find(name) is not { } guest)
                return 64;
            var measurement = new Measurement(guest, count, kind, parsed.GetValue(size) == "M");
            for (int round = 0; round < parsed.GetValue(repeat); round++)
                measurement.RunOnce();
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
                "| {0} | {1} | {2:F4} | {3:F0} | {4:F2} | {5:F2} | {6:F2} | {7} | {8} | {9} | {10} | {11:F0} | {12:F1} | {13} |",
                measurement.Name, count, measurement.Unrecorded, measurement.CountsPerSecond / 1e6,
                measurement.Parallel / measurement.Unrecorded, measurement.Serial / measurement.Unrecorded,
                measurement.Replay / measurement.Unrecorded, measurement.Statistics.SourcesOffered,
                measurement.Statistics.Constraints, measurement.Statistics.EventCount, measurement.Statistics.EventBytes,
                measurement.Statistics.EventBytes / measurement.Unrecorded,
                (double)measurement.Statistics.EventBytes / Math.Max(1, measurement.Statistics.EventCount),
                measurement.Statistics.Steals));
        }
    }
    return 0;
});
return root.Parse(args).Invoke();
