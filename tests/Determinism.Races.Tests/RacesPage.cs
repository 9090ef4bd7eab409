using Determinism.Emulation.Races;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.Races.Tests;

/// <summary>What docs/races.md shows.</summary>
public sealed class RacesPage
{
    [Fact]
    public void The_example_prints_races()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("determinism-races-").FullName, "run.log");
        try
        {
            LogCopy.WriteTo(Runs.Record(Runs.Configure("racy", 2, ClockKind.SoftwareCounter)), path);
            using var output = new StringWriter();
            Print(path, output);
            Assert.Contains("counter: work+0x", output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private static void Print(string path, TextWriter output)
    {
        using var log = new FileEventLogReader(path);
        foreach (Race race in RaceFinder.Find(log).Races)
            output.WriteLine($"{race.Variable}: {race.First.Place} and {race.Second.Place}, {race.Count} times");
    }
}
