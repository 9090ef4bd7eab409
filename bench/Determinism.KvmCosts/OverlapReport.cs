using System.Diagnostics;
using System.Globalization;
using Determinism.Guests;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Scheduling;

namespace Determinism.KvmCosts;

/// <summary>For how much of the time two vCPUs are inside the guest at once.</summary>
internal static class OverlapReport
{
    public static void Print(int rounds)
    {
        Console.WriteLine("Two vCPUs inside KVM_RUN at the same time, of the wall time, medians.");
        Console.WriteLine("| guest | unrecorded s | recorded s | inside at once | replayed s | inside at once |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        Row("private", rounds, 64, 12_000);
        Row("readshared", rounds, 32, 200_000_000);
        Console.WriteLine();
    }

    private static void Row(string guest, int rounds, params ulong[] parameters)
    {
        MachineConfiguration configuration = GuestCatalog.Find(guest)!.Configure(2, ClockKind.SoftwareCounter, parameters);
        var backend = new KvmBackend(new KvmOptions { RunClock = TimeProvider.System });
        var times = new List<(double Unrecorded, double Recorded, double RecordedShare, double Replayed, double Share)>();
        for (int round = 0; round < rounds; round++)
        {
            using GuestMachine plain = Machines.Make(configuration, backend);
            double unrecorded = Machines.Time(plain, MachineRuns.StartUnrecorded(plain));
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            using GuestMachine recorder = Machines.Make(configuration, backend);
            double recorded = Machines.Time(recorder,
                MachineRuns.StartRecording(recorder, log, new ParallelScheduler(), TimeProvider.System));
            using GuestMachine replayer = Machines.Make(configuration, backend);
            double replayed = Machines.Time(replayer, MachineRuns.StartReplay(replayer, log));
            times.Add((unrecorded, recorded, Share(recorder, recorded), replayed, Share(replayer, replayed)));
        }
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "| {0} | {1:F3} | {2:F3} | {3:P1} | {4:F3} | {5:P1} |",
            guest, Machines.Median(times.Select(one => one.Unrecorded)), Machines.Median(times.Select(one => one.Recorded)),
            Machines.Median(times.Select(one => one.RecordedShare)), Machines.Median(times.Select(one => one.Replayed)),
            Machines.Median(times.Select(one => one.Share))));
    }

    private static double Share(GuestMachine machine, double seconds)
    {
        IReadOnlyList<RunIntervals> intervals = ((KvmProcessors)machine.Processors).Intervals;
        return intervals[0].OverlapWith(intervals[1]) / (seconds * Stopwatch.Frequency);
    }
}
