using System.CommandLine;
using Determinism.Kvm;
using Determinism.KvmCosts;

// What the KVM backend costs here: handovers step by step beside a program in C that does the same by hand, how much of
// the time vCPUs run side by side, and polls.
var what = new Option<string[]>("--only")
{
    Description = "handover, overlap, polls; all by default.", AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => ["handover", "overlap", "polls"],
};
what.AcceptOnlyFromAmong("handover", "overlap", "polls");
var repeat = new Option<int>("--repeat") { Description = "Rounds; medians are shown.", DefaultValueFactory = _ => 5 };
var root = new RootCommand("Measures the KVM backend on this computer.") { what, repeat };
root.SetAction(parsed =>
{
    if (new KvmBackend(new KvmOptions()).FindObstacle() is { } obstacle)
    {
        Console.Error.WriteLine(obstacle);
        return 3;
    }
    string[] chosen = parsed.GetValue(what)!;
    int rounds = parsed.GetValue(repeat);
    if (chosen.Contains("handover"))
        HandoverReport.Print(rounds);
    if (chosen.Contains("overlap"))
        OverlapReport.Print(rounds);
    if (chosen.Contains("polls"))
        PollReport.Print(rounds);
    return 0;
});
return root.Parse(args).Invoke();
