using System.Globalization;
using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.TimeTravelCosts;

/// <summary>One long recording of racy on KVM, and journeys in it: to events on KVM, to instructions on the managed machine and
/// handed over.</summary>
internal static class LongReport
{
    public static void Print(string folder, TimeSpan interval, ulong increments, int seeks)
    {
        string path = Path.Combine(folder, "long.log");
        (double seconds, SessionStatistics statistics) = Recorder.Record("racy", [increments, 64], "kvm", path, interval);
        using var log = new FileEventLogReader(path);
        IReadOnlyList<Checkpoint> made = LogCheckpoints.ReadFrom(log).All;
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
            "racy on KVM: {0:F1} s, {1} events, {2} in the log, {3} checkpoints ({4}, median {5}), longest pause {6:F1} ms, stop {7:F1} ms",
            seconds, statistics.Events.Values.Sum(), Text.Bytes(new DirectoryInfo(path).EnumerateFiles().Sum(static file => file.Length)), made.Count, Text.Bytes(statistics.CheckpointBytes),
            Text.Bytes((long)Journeys.Percentile(made.Select(static one => (double)one.Bytes), 0.5)),
            statistics.LongestCheckpointPause.TotalMilliseconds, statistics.LongestCheckpointStop.TotalMilliseconds));
        List<InstructionPoint> targets = Journeys.Draw(log, seeks);
        Console.WriteLine("| journeys | median | p99 | longest |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        Measure(log, "KVM, to events", Backends.Kvm, null, targets);
        Measure(log, "handed over, to instructions", Backends.Managed, Backends.Kvm, targets);
        Measure(log, "managed, to instructions", Backends.Managed, null, targets);
    }

    private static void Measure(FileEventLogReader log, string name, IMachineBackend backend, IMachineBackend? fast, List<InstructionPoint> targets)
    {
        using var travel = new TimeTravel(log, backend, TimeProvider.System, fast);
        List<double> seconds = Journeys.Measure(travel, targets, backend != Backends.Kvm);
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "| {0} ({1}) | {2:F0} ms | {3:F0} ms | {4:F0} ms |",
            name, seconds.Count, 1000 * Journeys.Percentile(seconds, 0.5), 1000 * Journeys.Percentile(seconds, 0.99), 1000 * seconds.Max()));
    }
}
