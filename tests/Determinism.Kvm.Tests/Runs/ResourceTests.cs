using System.Globalization;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Runs;

/// <summary>What a machine takes of its host, it gives back; what a guest does not touch costs nothing.</summary>
public class ResourceTests
{
    private static readonly string[] s_ownMappings = ["memfd:guest", "memfd:system area", "kvm-vcpu"];

    [SkippableFact]
    public void Machines_that_come_and_go_leave_no_file_mapping_or_thread_behind()
    {
        OnKvm.Need();
        using (MachineRunner.NewMachine(MachineRunner.Configure("hello", 1, ClockKind.SoftwareCounter), OnKvm.Backend))
            Assert.InRange(CountUse().OwnMappings, s_ownMappings.Length, int.MaxValue);
        for (int warmUp = 0; warmUp < 10; warmUp++)
            Cycle(warmUp);
        HostUse before = CountUse();
        int cycles = TestTier.Times(100, 1000);
        for (int cycle = 0; cycle < cycles; cycle++)
            Cycle(cycle);
        HostUse after = CountUse();
        string figures = $"{cycles} cycles: {before} before, {after} after";
        Console.WriteLine(figures);
        Assert.True(after.OwnMappings == before.OwnMappings, figures);
        // The runtime has files, mappings and threads of its own that come and go: what leaks grows with the cycles.
        Assert.True(after.Files <= before.Files + 5, figures);
        Assert.True(after.Mappings < before.Mappings + cycles, figures);
        Assert.True(after.Threads <= before.Threads + 8, figures);
    }

    [SkippableTheory]
    [InlineData("racy", 16)]
    [InlineData("radix", 16)]
    [InlineData("radix", 40)]
    public void A_guest_of_many_gigabytes_costs_what_it_touches(string guest, int gigabytes)
    {
        OnKvm.Need();
        const long MostBytes = 1L << 30;
        MachineConfiguration configuration = MachineRunner.Configure(guest, 2, ClockKind.SoftwareCounter)
            with { MemoryBytes = (ulong)gigabytes << 30 };
        long before = Environment.WorkingSet;
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine recorder = MachineRunner.NewMachine(configuration, OnKvm.Backend);
        using var recording = MachineRuns.StartRecording(
            recorder, log, MachineRunner.MakeScheduler("parallel", 2), TimeProvider.System);
        recorder.Run(recording);
        using GuestMachine replayer = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(log), OnKvm.Backend);
        using var replay = MachineRuns.StartReplay(replayer, log);
        replayer.Run(replay);
        Assert.Null(MachineState.Capture(recorder).FindDifference(MachineState.Capture(replayer)));
        Assert.InRange(TouchedBytes(recorder), 1UL, 8UL << 20);
        Assert.InRange(TouchedBytes(replayer), 1UL, 8UL << 20);
        // Tables that have an entry a frame are not the guest's memory, but must not come near to it either.
        long grown = Environment.WorkingSet - before;
        string figures = $"{guest} in {gigabytes} GiB: {TouchedBytes(recorder) >> 10} KiB touched, both machines together "
            + $"took {grown >> 20} MiB of the host";
        Console.WriteLine(figures);
        Assert.True(grown < MostBytes, figures);
    }

    [SkippableFact]
    public void While_recording_vcpus_are_in_the_guest_at_the_same_time_and_so_they_are_in_replay()
    {
        OnKvm.Need();
        var backend = new KvmBackend(OnKvm.Options with { RunClock = TimeProvider.System });
        MachineConfiguration configuration = MachineRunner.Configure("private", 2, ClockKind.SoftwareCounter)
            with { Parameters = [16, 200_000] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine recorder = MachineRunner.NewMachine(configuration, backend);
        using var recording = MachineRuns.StartRecording(
            recorder, log, MachineRunner.MakeScheduler("parallel", 2), TimeProvider.System);
        long shared = RunNotingOverlap(recorder, recording, "recorded");
        Assert.True(shared > 0, "No two vCPUs were in the guest at once while recording.");
        using GuestMachine replayer = MachineRunner.NewMachine(configuration, backend);
        using var replay = MachineRuns.StartReplay(replayer, log);
        shared = RunNotingOverlap(replayer, replay, "replayed");
        Assert.True(shared > 0, "No two vCPUs were in the guest at once in the replay.");
    }

    [Fact]
    public void Overlap_is_the_time_that_two_were_inside_at_once()
    {
        var left = new RunIntervals();
        var right = new RunIntervals();
        Assert.Equal(0, left.OverlapWith(right));
        left.Add(0, 10);
        left.Add(20, 30);
        left.Add(40, 50);
        right.Add(5, 25);
        right.Add(26, 27);
        right.Add(60, 70);
        Assert.Equal(5 + 5 + 1, left.OverlapWith(right));
        Assert.Equal(11, right.OverlapWith(left));
    }

    private static long RunNotingOverlap(GuestMachine machine, ExecutionSession session, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        machine.Run(session);
        TimeSpan whole = TimeProvider.System.GetElapsedTime(start);
        IReadOnlyList<RunIntervals> intervals = ((KvmProcessors)machine.Processors).Intervals;
        long overlap = intervals[0].OverlapWith(intervals[1]);
        TimeSpan both = TimeProvider.System.GetElapsedTime(0, overlap);
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
            "{0} in {1:F3} s: both vCPUs in the guest for {2:F3} s, {3:P1}", what, whole.TotalSeconds, both.TotalSeconds,
            both / whole));
        return overlap;
    }

    private static ulong TouchedBytes(GuestMachine machine) =>
        machine.Processors.Memory.TouchedRanges().Aggregate(0UL, (sum, range) => sum + range.Bytes);

    // Built and not run; run to the end, unrecorded or recorded; cut off before the start, and in the middle.
    private static void Cycle(int cycle)
    {
        bool isCutOff = cycle % 5 >= 3;
        MachineConfiguration configuration =
            MachineRunner.Configure(isCutOff ? "racy" : "hello", 4, ClockKind.SoftwareCounter);
        if (isCutOff)
            configuration = configuration with { Parameters = [1UL << 40] };
        using GuestMachine machine = MachineRunner.NewMachine(configuration, OnKvm.Backend);
        if (cycle % 5 == 0)
            return;
        using ExecutionSession session = cycle % 2 == 0
            ? MachineRuns.StartUnrecorded(machine)
            : MachineRuns.StartRecording(machine, new MemoryEventLog(configuration.Shape.AgentCount),
                MachineRunner.MakeScheduler("parallel", 4), TimeProvider.System);
        using var cancellation = new CancellationTokenSource();
        if (isCutOff)
            cancellation.CancelAfter(cycle % 5 == 3 ? 0 : 5 + (cycle % 20));
        try
        {
            machine.Run(session, cancellation.Token);
            Assert.False(isCutOff);
        }
        catch (OperationCanceledException)
        {
            Assert.True(isCutOff);
        }
    }

    private static HostUse CountUse()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        string[] mappings = File.ReadAllLines("/proc/self/maps");
        return new HostUse(Directory.GetFileSystemEntries("/proc/self/fd").Length, mappings.Length,
            mappings.Count(line => Array.Exists(s_ownMappings, own => line.Contains(own, StringComparison.Ordinal))),
            Directory.GetDirectories("/proc/self/task").Length);
    }

    private sealed record HostUse(int Files, int Mappings, int OwnMappings, int Threads);
}
