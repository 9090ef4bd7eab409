namespace Determinism.Conformance.Tests;
public class Dump
{
    [Fact]
    public void All()
    {
        using var f = new StreamWriter("/tmp/dump.txt") { AutoFlush = true };
        void D(string what, object flaw, Func<object> make)
        {
            var w = System.Diagnostics.Stopwatch.StartNew();
            var bad = new Dictionary<string,int>();
            for (int i = 0; i < 2; i++)
                foreach (string s in Kit.FindFailures(make)) bad[s] = bad.GetValueOrDefault(s) + 1;
            f.WriteLine($"{what}.{flaw} {w.ElapsedMilliseconds} ms: " + string.Join(", ", bad.Select(p => p.Value == 2 ? p.Key : p.Key + "(?)")));
        }
        foreach (var x in Enum.GetValues<LogFlaw>()) D("Log", x, () => Specimens.Log(x));
        D("LogCost", LogFlaw.Allocates, Specimens.LogCost);
        foreach (var x in Enum.GetValues<TrackerFlaw>()) D("TrackerCost", x, () => Specimens.TrackerCost(x));
        foreach (var x in Enum.GetValues<TrackerFlaw>()) D("Tracker", x, () => Specimens.Tracker(x));
        foreach (var x in Enum.GetValues<SchedulerFlaw>()) { D("Recording", x, () => Specimens.Recording(x)); D("Replay", x, () => Specimens.Replay(x)); }
        foreach (var x in Enum.GetValues<MachineFlaw>()) { D("Serial", x, () => Specimens.Serial(x)); D("Parallel", x, () => Specimens.Parallel(x)); D("Asynchronous", x, () => Specimens.Asynchronous(x)); D("Forced", x, () => Specimens.Forced(x)); }
    }
}
