using System.Diagnostics;
using System.Globalization;
using Determinism.Checkpoints;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.TimeTravelCosts;

/// <summary>How long a machine stands when a recording is attached to it and detached again, by the memory that it has touched.</summary>
internal static class AttachReport
{
    private const int Vcpus = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // Of radix, which runs on and on: it sorts eight bytes a key, from one array into another.
    private static readonly ulong[] s_keys = [1 << 17, 1 << 19, 1 << 21, 1 << 22];

    /// <param name="folder">Where logs are written.</param>
    /// <param name="backends">Where the machine runs.</param>
    /// <param name="rounds">How often it is attached to, each time a while later.</param>
    public static void Print(string folder, IEnumerable<string> backends, int rounds)
    {
        Console.WriteLine("| backend | memory in the beginning | attach: median, longest | of it all stood | detach: median, longest |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (string backend in backends)
        {
            foreach (ulong keys in s_keys)
                PrintMachine(folder, backend, keys, rounds);
        }
    }

    private static void PrintMachine(string folder, string backend, ulong keys, int rounds)
    {
        const ulong Forever = 1_000_000;
        MachineConfiguration configuration = GuestCatalog.Find("radix")!.Configure(Vcpus, Backends.ClockOf(backend), [keys, 8, Forever]) with
        {
            MemoryBytes = 128UL << 20,
        };
        using var machine = new GuestMachine(configuration, Backends.Find(backend), new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = static () => 0,
        });
        var attaching = new List<double>();
        var standing = new List<double>();
        var detaching = new List<double>();
        long bytes = 0;
        UnrecordedSession unrecorded = MachineRuns.StartUnrecorded(machine);
        Task run = Run(machine, unrecorded);
        for (int round = 0; round < rounds; round++)
        {
            Thread.Sleep(round == 0 ? 2000 : 200);
            string path = Path.Combine(folder, $"{backend}-{keys}-{round}.log");
            using (var log = new FileEventLog(path, configuration.Shape.AgentCount))
            {
                long asked = Stopwatch.GetTimestamp();
                StandingMachine stands = unrecorded.HandOver(TimeProvider.System, s_patience);
                long stood = Stopwatch.GetTimestamp();
                run.GetAwaiter().GetResult();
                using RecordingSession recording = MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System,
                    options => options with { Standing = stands });
                run = Run(machine, recording);
                attaching.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                standing.Add(Stopwatch.GetElapsedTime(stood).TotalMilliseconds);

                Thread.Sleep(200);
                asked = Stopwatch.GetTimestamp();
                stands = recording.HandOver();
                run.GetAwaiter().GetResult();
                unrecorded = MachineRuns.StartUnrecorded(machine, stands);
                run = Run(machine, unrecorded);
                detaching.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
            using (var log = new FileEventLogReader(path))
                bytes = Math.Max(bytes, LogCheckpoints.ReadFrom(log).Start!.Bytes);
            Directory.Delete(path, recursive: true);
        }
        unrecorded.Cancel();
        Task.WaitAny([run]);
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
            "| {0} | {1} | {2:F1} ms, {3:F1} ms | {4:F1} ms, {5:F1} ms | {6:F1} ms, {7:F1} ms |", backend, Text.Bytes(bytes),
            Journeys.Percentile(attaching, 0.5), attaching.Max(), Journeys.Percentile(standing, 0.5), standing.Max(),
            Journeys.Percentile(detaching, 0.5), detaching.Max()));
    }

    private static Task Run(GuestMachine machine, ExecutionSession session) => Task.Factory.StartNew(
        () => machine.Run(session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
