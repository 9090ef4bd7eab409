using System.Globalization;
using Determinism.Benchmarks.StandIns;

namespace Determinism.Benchmarks.Contention;

/// <summary>Two agents on two threads at once: what each tracker lets through.</summary>
/// <remarks>Turn by turn and in short rounds, so that all of them meet the same computer. Only rounds count in which both
/// threads ran all the time: in the fastest of all rounds one thread was often not there, and a lock is fast then.</remarks>
internal static class ContentionReport
{
    private const int Rounds = 400;
    private const int WarmUpRounds = 10;

    public static void Run()
    {
        Console.WriteLine("Millions of requests a second of two threads together, median (and number) of undisturbed rounds.");
        Console.WriteLine();
        Console.WriteLine("| requests | ours | lock and dictionary | ours is | reader-writer lock | ours is |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (Workload workload in Workload.All)
        {
            var ours = new List<double>();
            var dictionary = new List<double>();
            var readerWriter = new List<double>();
            for (int round = -WarmUpRounds; round < Rounds; round++)
            {
                // The runtime compiles again what turned out to be used much, in the background.
                if (round < 0)
                    Thread.Sleep(30);
                Add(ours, workload.Measure<TrackedPages>(), round);
                Add(dictionary, workload.Measure<DictionaryPages>(), round);
                Add(readerWriter, workload.Measure<ReaderWriterPages>(), round);
            }
            Console.WriteLine($"| {workload.Name} | {Show(ours)} | {Show(dictionary)} | {Ratio(ours, dictionary)} "
                + $"| {Show(readerWriter)} | {Ratio(ours, readerWriter)} |");
        }
    }

    private static void Add(List<double> rates, double? rate, int round)
    {
        if (rate is { } undisturbed && round >= 0)
            rates.Add(undisturbed);
    }

    private static string Show(List<double> rates) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(rates):F1} ({rates.Count})");

    private static string Ratio(List<double> ours, List<double> theirs) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(ours) / Median(theirs):F1}×");

    private static double Median(List<double> values) =>
        values.Count == 0 ? double.NaN : values.Order().ElementAt(values.Count / 2);
}
