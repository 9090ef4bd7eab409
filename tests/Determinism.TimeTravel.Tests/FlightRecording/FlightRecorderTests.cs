using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Machine;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.FlightRecording;

/// <summary>The newest part of a recording is kept within its budget, and replays.</summary>
public class FlightRecorderTests(ITestOutputHelper output)
{
    // Bytes of a block beside its content, and of events that a stream gathers for one.
    private const long BlockBytes = (64 << 10) + 512;

    public static TheoryData<string, string, int> Runs()
    {
        var data = new TheoryData<string, string, int>();
        foreach (string guest in (string[])["racy", "devices", "radix"])
        {
            foreach (string backend in (string[])["managed", "kvm"])
                foreach (int budget in (int[])[64, 160, 700])
                    data.Add(guest, backend, budget);
        }
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Runs))]
    public void A_long_recording_stays_within_its_bound_and_its_tail_replays(string guest, string backend, int budget)
    {
        if (backend == "kvm")
            Recorded.NeedKvm();
        for (int round = 0; round < TestTier.Times(1, 5); round++)
        {
            int seed = (100 * guest.Length) + (7 * budget) + round;
            ClockKind clock = backend == "kvm" || seed % 2 == 0 ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions;
            var options = new FlightRecorderOptions { KeepBytes = (long)budget << 10, Time = TimeProvider.System };
            int leastDropped = budget switch { 64 => 20, 160 => 1, _ => 0 };
            using FlightRun run = FlightRun.RecordDropped(
                guest, clock, Recorded.Find(backend), seed, options, length: budget == 64 ? 5UL : 1, leastDropped);
            FlightRecorderStatus status = run.Status;
            output.WriteLine($"{guest}, {backend}, seed {seed}, {clock}: {status}; seen {run.MostSeen}, while due {run.MostWhileDue}");
            long bound = BoundOf(options.KeepBytes, run);
            Assert.InRange(run.MostSeen, 1, bound);
            Assert.InRange(status.MostBytes, 1, bound);
            Assert.InRange(status.DroppedSegments, leastDropped, int.MaxValue);

            LogVerification found = LogVerifier.Verify(run.Path);
            Assert.True(found.IsIntact, string.Join('\n', found.Problems));
            Assert.True(found is { IsComplete: true, IsOrderChecked: true });
            using (var log = new FileEventLogReader(run.Path))
            {
                Assert.Equal(status.OldestCheckpoint > 0, log.IsBeginningDropped);
                Assert.Equal(status.OldestCheckpoint, Checkpoints.LogCheckpoints.ReadFrom(log).Start?.Number ?? 0);
            }
            Assert.Null(run.FindDifference(Recorded.Find(backend)));
            if (backend == "kvm")
                Assert.Null(run.FindDifference(Recorded.Managed));
        }
    }

    [Theory]
    [InlineData("racy", ClockKind.RetiredInstructions)]
    [InlineData("devices", ClockKind.SoftwareCounter)]
    [InlineData("radix", ClockKind.RetiredInstructions)]
    public void Wherever_it_goes_behind_the_new_beginning_the_state_is_that_of_a_straight_replay_of_all(string guest, ClockKind clock)
    {
        const int Seed = 7;
        var random = new Random(Seed);
        using FlightRun run = FlightRun.RecordDropped(guest, clock, Recorded.Managed, Seed, Small);
        using var log = new FileEventLogReader(run.Path);
        Assert.True(log.IsBeginningDropped);
        using var kept = new Machine.TimeTravel(log, Recorded.Managed, TimeProvider.System);
        using var whole = new Machine.TimeTravel(run.Whole, Recorded.Managed, TimeProvider.System);
        for (int journey = 0; journey < TestTier.Times(12, 100); journey++)
        {
            int agent = random.Next(2);
            ulong first = run.Status.OldestEvents[agent];
            ulong number = first + (ulong)random.Next(100);
            try
            {
                kept.GoToEvent(agent, number);
            }
            catch (ArgumentOutOfRangeException)
            {
                continue;
            }
            whole.GoTo(kept.Here);
            Assert.True(StateDigest.Of(whole.Machine) == StateDigest.Of(kept.Machine), $"seed {Seed}: {kept.Here}");
        }
        // What was dropped is where the log begins now.
        kept.GoToEvent(0, 1);
        Assert.True(kept.Here.IsSame(kept.Cuts.Start));
    }

    [Theory]
    [InlineData("racy", ClockKind.RetiredInstructions)]
    [InlineData("devices", ClockKind.SoftwareCounter)]
    public void A_debugger_walks_forth_and_back_in_what_is_kept(string guest, ClockKind clock)
    {
        const int Seed = 11;
        var random = new Random(Seed);
        using FlightRun run = FlightRun.RecordDropped(guest, clock, Recorded.Managed, Seed, Small);
        using var log = new FileEventLogReader(run.Path);
        Assert.True(log.IsBeginningDropped);
        using var forth = new Emulation.History.RecordedHistory(log);
        using var back = new Emulation.History.RecordedHistory(log);
        back.Advance(ulong.MaxValue, null, default);
        ulong end = back.Position;
        Assert.True(end > 100);
        Assert.Null(run.End.FindDifference(MachineState.Capture(back.Machine)));
        foreach (ulong position in Enumerable.Range(0, 6).Select(_ => (ulong)random.NextInt64((long)end)).Order())
        {
            forth.Seek(position, default);
            back.Seek(position, default);
            Assert.True(StateDigest.Of(forth.Machine) == StateDigest.Of(back.Machine), $"seed {Seed}, position {position} of {end}");
        }
    }

    [Theory]
    [InlineData(nameof(Plant.None))]
    [InlineData(nameof(Plant.ForgetPieceOfWhole))]
    [InlineData(nameof(Plant.ReferToDropped))]
    [InlineData(nameof(Plant.DropOneMore))]
    public void A_mistake_is_found_if_one_is_made(string plant)
    {
        string? fault = null;
        for (int seed = 1; seed <= 5 && fault is null; seed++)
        {
            using FlightRun? run = TryRecord(seed, Enum.Parse<Plant>(plant), out fault);
            fault ??= FindFault(run!);
        }
        output.WriteLine($"{plant}: {fault}");
        Assert.Equal(plant == nameof(Plant.None), fault is null);
    }

    [Fact]
    public void What_is_older_than_it_need_be_is_dropped()
    {
        int made = 0;
        while (made < 10 && !TryDropOld(seed: ++made))
        {
        }
        output.WriteLine($"{made} recordings");
        Assert.True(made < 10);
    }

    /// <summary>Where the computer is busy, a guest may end before there are checkpoints enough: false.</summary>
    private bool TryDropOld(int seed)
    {
        var options = new FlightRecorderOptions
        {
            KeepTime = TimeSpan.FromSeconds(60), CheckpointInterval = TimeSpan.FromMilliseconds(2), Time = new JumpingTime(),
        };
        using FlightRun run = FlightRun.Record("racy", ClockKind.RetiredInstructions, Recorded.Managed, seed, options, length: 5);
        output.WriteLine($"seed {seed}: {run.Status}");
        if (run.Status.OldestCheckpoint <= 1)
            return false;
        Assert.False(run.Status.IsOverBudget);
        LogVerification found = LogVerifier.Verify(run.Path);
        Assert.True(found.IsIntact, string.Join('\n', found.Problems));
        Assert.Null(run.FindDifference(Recorded.Managed));
        return true;
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        using var run = FlightRun.Record("racy", ClockKind.RetiredInstructions, Recorded.Managed, 3, Small);
        using var log = new FileEventLogReader(run.Path);
        var memory = new MemoryEventLog(log.StreamCount);
        Assert.Throws<ArgumentException>(() => LogCopy.CopyTo(log, memory));
        Assert.Throws<InvalidOperationException>(() => new LogRedaction { States = true }.WriteTo(log, memory));
        Assert.Throws<ArgumentException>(() => new FlightRecorder(run.Path + "1", 3, new FlightRecorderOptions { Time = TimeProvider.System }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlightRecorder(run.Path + "1", 3, Small with { KeepBytes = 1 }));

        using var recorder = new FlightRecorder(run.Path + "2", 3, Small);
        using var other = new FlightRecorder(run.Path + "3", 3, Small);
        using var machine = new GuestMachine(FlightRun.Configure("racy", 2, ClockKind.RetiredInstructions), Recorded.Managed, FlightRun.Surroundings);
        Assert.Throws<ArgumentException>(() => MachineRuns.StartRecording(machine, recorder.Log, new Scheduling.ParallelScheduler(), TimeProvider.System));
        Assert.Throws<ArgumentException>(() => MachineRuns.StartRecording(machine, recorder.Log, new Scheduling.ParallelScheduler(), TimeProvider.System,
            options => options with { Checkpoints = other.CheckpointsOf(machine) }));
    }

    // A second passes whenever somebody looks.
    private sealed class JumpingTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Increment(ref _now);
    }

    private static FlightRecorderOptions Small => new() { KeepBytes = 160 << 10, Time = TimeProvider.System };

    private static FlightRun? TryRecord(int seed, Plant plant, out string? fault)
    {
        try
        {
            fault = null;
            return FlightRun.Record("racy", ClockKind.SoftwareCounter, Recorded.Managed, seed, Small, plant);
        }
        catch (DeterminismException error)
        {
            // The recorder reads its own log.
            fault = error.Message;
            return null;
        }
    }

    private static string? FindFault(FlightRun run)
    {
        if (LogVerifier.Verify(run.Path) is { IsIntact: false } found)
            return found.Problems[0].ToString();
        try
        {
            return run.FindDifference(Recorded.Managed);
        }
        catch (DeterminismException error)
        {
            return error.Message;
        }
    }

    /// <summary>That of docs/time-travel.md.</summary>
    private static long BoundOf(long budget, FlightRun run)
    {
        long segment = run.SegmentBytes + BlockBytes;
        long whole = run.Status.LargestWholeBytes;
        // While a whole checkpoint is waited for, another may be on its way, and events go on: how many is the computer's business.
        long meanwhile = Math.Max(whole + (2 * segment), run.MostWhileDue);
        return Math.Max(budget, run.Status.BaseBytes + segment + Math.Max(budget / 4, 2 * whole)) + whole + (2 * segment) + meanwhile;
    }
}
