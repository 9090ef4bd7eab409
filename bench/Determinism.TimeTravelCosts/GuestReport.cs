using System.Globalization;
using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.TimeTravelCosts;

/// <summary>Each guest: what its checkpoints cost, and how long journeys take.</summary>
internal static class GuestReport
{
    public static void Print(string folder, IEnumerable<string> guests, IReadOnlyList<string> backends, TimeSpan interval, int seeks)
    {
        Console.WriteLine("| guest | backend | run, without checkpoints | made | first, median bytes | longest pause, stop | seek, median and longest | whole replay |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (string guest in guests)
        {
            foreach (string backend in backends)
                PrintGuest(folder, guest, backend, interval, seeks);
        }
    }

    private static void PrintGuest(string folder, string guest, string backend, TimeSpan interval, int seeks)
    {
        string path = Path.Combine(folder, $"{guest}-{backend}.log"), plain = path + "-plain";
        ulong[] parameters = Parameters.Of(guest, backend);
        (double without, _) = Recorder.Record(guest, parameters, backend, plain, null);
        Directory.Delete(plain, recursive: true);
        (double with, SessionStatistics statistics) = Recorder.Record(guest, parameters, backend, path, interval);
        using (var log = new FileEventLogReader(path))
        {
            IReadOnlyList<Checkpoint> made = LogCheckpoints.ReadFrom(log).All;
            IMachineBackend where = Backends.Find(backend);
            double replay = Recorder.Replay(log, where);
            using var travel = new TimeTravel(log, where, TimeProvider.System);
            List<double> journeys = Journeys.Measure(travel, Journeys.Draw(log, seeks), isToInstructions: false);
            string bytes = made.Count == 0 ? "" : made.Count == 1 ? Text.Bytes(made[0].Bytes)
                : $"{Text.Bytes(made[0].Bytes)}, {Text.Bytes((long)Journeys.Percentile(made.Skip(1).Select(static one => (double)one.Bytes), 0.5))}";
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
                "| {0} | {1} | {2:F2} s, {3:F2} s | {4} | {5} | {6:F1} ms, {7:F1} ms | {8:F0} ms, {9:F0} ms | {10:F2} s |",
                guest, backend, with, without, made.Count, bytes, statistics.LongestCheckpointPause.TotalMilliseconds,
                statistics.LongestCheckpointStop.TotalMilliseconds, 1000 * Journeys.Percentile(journeys, 0.5), 1000 * journeys.Max(), replay));
        }
        Directory.Delete(path, recursive: true);
    }
}
