using Determinism.Emulation.Races;
using Determinism.Guests;
using Determinism.Machine;
using Xunit.Abstractions;

namespace Determinism.Races.Tests;

public class ProbeTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. GuestCatalog.All.Select(g => g.Name)];
    [Theory]
    [MemberData(nameof(Names))]
    public void Probe(string name)
    {
        foreach (var clock in new[] { ClockKind.RetiredInstructions, ClockKind.SoftwareCounter })
        {
            var log = Runs.Record(Runs.Configure(name, 3, clock));
            var w = System.Diagnostics.Stopwatch.StartNew();
            RaceReport report = RaceFinder.Find(log);
            output.WriteLine($"{name} {clock}: {report.Races.Count} races, {report.Accesses} accesses, {report.Synchronisations} syncs, {report.ReleaseStores} marks, {w.ElapsedMilliseconds} ms");
            foreach (var race in report.Races)
                output.WriteLine($"  {race.Variable} {race.Size}: {race.First.Agent} {race.First.Place} w{race.First.IsWrite} {race.First.Value} - {race.Second.Agent} {race.Second.Place} w{race.Second.IsWrite} {race.Second.Value} x{race.Count}");
        }
    }
}
