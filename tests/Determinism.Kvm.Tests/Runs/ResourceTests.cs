using Determinism.Log;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Runs;

/// <summary>What a machine takes of its host, it gives back; what a guest does not touch costs nothing.</summary>
public class ResourceTests
{
    [SkippableFact]
    public void Machines_that_come_and_go_leave_no_file_mapping_or_thread_behind()
    {
        OnKvm.Need();
        MachineConfiguration configuration = MachineRunner.Configure("hello", 4, ClockKind.SoftwareCounter);
        for (int warmUp = 0; warmUp < 3; warmUp++)
            Cycle(configuration, warmUp);
        (int files, int mappings, int threads) = Count();
        int cycles = TestTier.Times(100, 1000);
        for (int cycle = 0; cycle < cycles; cycle++)
            Cycle(configuration, cycle);
        (int filesLeft, int mappingsLeft, int threadsLeft) = Count();
        string figures = $"{cycles} cycles: files {files} to {filesLeft}, mappings {mappings} to {mappingsLeft}, "
            + $"threads {threads} to {threadsLeft}";
        // The runtime has mappings and threads of its own that come and go.
        Assert.True(filesLeft <= files + 5, figures);
        Assert.True(mappingsLeft <= mappings + 60, figures);
        Assert.True(threadsLeft <= threads + 8, figures);
        Console.WriteLine(figures);
    }

    [SkippableTheory]
    [InlineData(16UL << 30)]
    [InlineData(40UL << 30)]
    public void A_guest_of_many_gigabytes_costs_what_it_touches(ulong memoryBytes)
    {
        OnKvm.Need();
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.SoftwareCounter)
            with { MemoryBytes = memoryBytes };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(
            configuration, MachineRunner.MakeScheduler("parallel", 2), log, backend: OnKvm.Backend);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log, backend: OnKvm.Backend)));

        using GuestMachine machine = MachineRunner.NewMachine(configuration, OnKvm.Backend);
        using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        machine.Run(session);
        ulong touched = machine.Processors.Memory.TouchedRanges().Aggregate(0UL, (sum, range) => sum + range.Bytes);
        Assert.InRange(touched, 1UL, 8UL << 20);
    }

    [SkippableFact]
    public void While_recording_vcpus_are_in_the_guest_at_the_same_time_and_so_they_are_in_replay()
    {
        OnKvm.Need();
        var backend = new KvmBackend(OnKvm.Options with { RunClock = TimeProvider.System });
        MachineConfiguration configuration = MachineRunner.Configure("private", 2, ClockKind.SoftwareCounter)
            with { Parameters = [16, 2000] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine recorder = MachineRunner.NewMachine(configuration, backend);
        using var recording = MachineRuns.StartRecording(
            recorder, log, MachineRunner.MakeScheduler("parallel", 2), TimeProvider.System);
        recorder.Run(recording);
        Assert.True(OverlapOf(recorder) > TimeSpan.Zero, "No two vCPUs were in the guest at once while recording.");
        using GuestMachine replayer = MachineRunner.NewMachine(configuration, backend);
        using var replay = MachineRuns.StartReplay(replayer, log);
        replayer.Run(replay);
        Assert.True(OverlapOf(replayer) > TimeSpan.Zero, "No two vCPUs were in the guest at once in the replay.");
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

    private static TimeSpan OverlapOf(GuestMachine machine)
    {
        IReadOnlyList<RunIntervals> intervals = ((KvmProcessors)machine.Processors).Intervals;
        return TimeProvider.System.GetElapsedTime(0, intervals[0].OverlapWith(intervals[1]));
    }

    // Built and not run; run to the end; cut off in the middle.
    private static void Cycle(MachineConfiguration configuration, int cycle)
    {
        using GuestMachine machine = MachineRunner.NewMachine(configuration, OnKvm.Backend);
        if (cycle % 10 == 0)
            return;
        using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        using var cancellation = new CancellationTokenSource();
        if (cycle % 10 == 1)
            cancellation.Cancel();
        try
        {
            machine.Run(session, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static (int Files, int Mappings, int Threads) Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (Directory.GetFileSystemEntries("/proc/self/fd").Length, File.ReadLines("/proc/self/maps").Count(),
            Directory.GetDirectories("/proc/self/task").Length);
    }
}
