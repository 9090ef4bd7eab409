using System.IO.Hashing;
using Determinism.Checkpoints;
using Determinism.Debugging.Tests.Support;
using Determinism.Emulation;
using Determinism.Emulation.History;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Replaying;
using Determinism.X86;
using Xunit.Abstractions;

namespace Determinism.Debugging.Tests.Recordings;

/// <summary>Recordings as one sequence of states: the same in every walk, with the end that a parallel replay comes to.</summary>
public class RecordedHistoryTests(ITestOutputHelper output)
{
    public static TheoryData<string, int, ClockKind> Combinations { get; } = Combine();

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Every_walk_passes_the_same_states_and_ends_as_a_parallel_replay(string guest, int vcpus, ClockKind clock)
    {
        for (ulong seed = 1; seed <= (ulong)TestTier.Times(1, 5); seed++)
        {
            MemoryEventLog log = Recorded.Record(guest, vcpus, clock, seed: seed, checkpoints: 100);
            using var one = new RecordedHistory(log);
            using var other = new RecordedHistory(log);
            var first = new StateDigests(one);
            var second = new StateDigests(other);
            one.Advance(ulong.MaxValue, first, CancellationToken.None);
            // In pieces, which must not matter.
            for (ulong at = 777; other.NextThread != 0; at += 777)
                other.Advance(at, second, CancellationToken.None);
            output.WriteLine($"seed {seed}: {first.Digests.Count} steps, {first.Switches} changes of thread");
            Assert.Equal(first.Digests, second.Digests);
            Assert.Equal((ulong)first.Digests.Count, one.Position);
            Assert.True(guest == "hello" || first.Switches > 0);
            Assert.Null(Replay(log).FindDifference(MachineState.Capture(one.Machine)));
        }
    }

    [SkippableFact]
    public void Recordings_of_kvm_are_walked_too()
    {
        var backend = new KvmBackend(new KvmOptions());
        string? obstacle = backend.FindObstacle();
        Skip.If(obstacle is not null, obstacle);
        MemoryEventLog log = Recorded.Record("racy", 2, ClockKind.SoftwareCounter, backend);
        using var history = new RecordedHistory(log);
        history.Advance(ulong.MaxValue, null, CancellationToken.None);
        Assert.Null(Replay(log).FindDifference(MachineState.Capture(history.Machine)));
    }

    [Theory]
    [InlineData("racy", 2, ClockKind.RetiredInstructions, 0)]
    [InlineData("racy", 2, ClockKind.RetiredInstructions, 20)]
    [InlineData("racy", 4, ClockKind.SoftwareCounter, 0)]
    [InlineData("racy", 4, ClockKind.SoftwareCounter, 20)]
    [InlineData("devices", 3, ClockKind.RetiredInstructions, 0)]
    [InlineData("devices", 3, ClockKind.RetiredInstructions, 20)]
    [InlineData("radix", 2, ClockKind.SoftwareCounter, 0)]
    [InlineData("radix", 2, ClockKind.SoftwareCounter, 20)]
    public void Random_seeks_and_moves_backwards_come_to_the_states_of_a_straight_walk(string guest, int vcpus, ClockKind clock, long checkpoints)
    {
        const int Seed = 20260704;
        // devices waits for timers in loops, and is long.
        int moves = TestTier.Times(guest == "devices" ? 8 : 30, 2500);
        var random = new Random(Seed);
        MemoryEventLog log = RecordSome(guest, vcpus, clock, checkpoints);
        using var straight = new RecordedHistory(log);
        var states = new StateDigests(straight);
        straight.Advance(ulong.MaxValue, states, CancellationToken.None);
        output.WriteLine($"seed {Seed}, {states.Digests.Count} steps, {moves} moves");

        using var history = new RecordedHistory(log);
        var target = new HistoryTarget(history);
        // Where checkpoints are is known when they have been passed.
        history.Seek(ulong.MaxValue, CancellationToken.None);
        Assert.Equal(checkpoints > 0, history.CheckpointBefore(history.Position) > 0);
        for (int move = 0; move < moves; move++)
        {
            ulong before = history.Position;
            switch (random.Next(3))
            {
                case 0:
                    target.Monitor($"seek {random.Next(1, states.Digests.Count + 1)}", CancellationToken.None);
                    break;
                case 1:
                    target.Resume(new ResumeRequest { IsBackward = true, IsStep = true }, CancellationToken.None);
                    Assert.Equal(before == 0 ? 0 : before - 1, history.Position);
                    break;
                default:
                    int thread = random.Next(1, vcpus + 1);
                    target.Resume(new ResumeRequest { IsBackward = true, IsStep = true, Thread = thread }, CancellationToken.None);
                    Assert.True(history.Position == 0 || states.Threads[(int)history.Position] == thread);
                    Assert.DoesNotContain(thread, states.Threads.Skip((int)history.Position + 1).Take(Math.Max(0, (int)before - (int)history.Position - 1)));
                    break;
            }
            if (history.Position > 0)
                Assert.Equal(states.Digests[(int)history.Position - 1], StateDigests.Of(history));
        }
    }

    [Fact]
    public void A_breakpoint_on_a_function_is_hit_once_a_call_in_both_directions()
    {
        MemoryEventLog log = Recorded.Record("racy", 2, ClockKind.RetiredInstructions);
        using var history = new RecordedHistory(log);
        ulong address = history.Configuration.Image.Symbols.Single(symbol => symbol.Name == "work").Address;
        var target = new HistoryTarget(history);
        var request = new ResumeRequest { Points = [new DebugPoint(DebugPointKind.SoftwareBreakpoint, address, 1)] };
        var forwards = new List<(ulong, int)>();
        for (DebugStop stop; (stop = target.Resume(request, CancellationToken.None)).Reason == DebugStopReason.Breakpoint;)
            forwards.Add((history.Position, stop.Thread));
        Assert.Equal([1, 2], forwards.Select(hit => hit.Item2).Order());
        var backwards = new List<(ulong, int)>();
        for (DebugStop stop; (stop = target.Resume(request with { IsBackward = true }, CancellationToken.None)).Reason == DebugStopReason.Breakpoint;)
            backwards.Add((history.Position, stop.Thread));
        Assert.Equal(forwards, Enumerable.Reverse(backwards));
    }

    [Fact]
    public void The_last_writer_is_the_one_that_a_straight_walk_saw()
    {
        MemoryEventLog log = Recorded.Record("racy", 2, ClockKind.RetiredInstructions);
        using var history = new RecordedHistory(log);
        ElfSymbol counter = history.Configuration.Image.Symbols.Single(symbol => symbol.Name == "counter");
        Assert.Null(history.FindLastWriter(counter.Address, counter.Bytes));
        history.Seek(ulong.MaxValue, CancellationToken.None);
        RecordedWrite last = history.FindLastWriter(counter.Address, counter.Bytes)!;
        ulong final = Read();
        var target = new HistoryTarget(history);
        DebugPoint watch = new(DebugPointKind.WriteWatchpoint, counter.Address, counter.Bytes);
        DebugStop stop = target.Resume(new ResumeRequest { IsBackward = true, Points = [watch] }, CancellationToken.None);
        Assert.Equal((last.Position, last.Agent + 1, last.Instruction), (history.Position, stop.Thread, history.NextAddress));
        history.Advance(last.Position + 1, null, CancellationToken.None);
        Assert.Equal(final, Read());

        ulong Read()
        {
            var value = new byte[8];
            history.ReadMemory(counter.Address, value);
            return BitConverter.ToUInt64(value);
        }
    }

    [Fact]
    public void A_log_that_differs_from_its_run_is_told_and_the_debugger_goes_on()
    {
        MemoryEventLog log = Recorded.Record("racy", 2, ClockKind.RetiredInstructions);
        using var straight = new RecordedHistory(log);
        straight.Advance(ulong.MaxValue, null, CancellationToken.None);
        int found = 0;
        // A vCPU that is sent too far may loop for ever: nobody goes on behind twice the length. A constraint may be weakened without consequence, little else.
        for (int part = 40; part < 60; part++)
        {
            using var history = new RecordedHistory(new BentLog(log, part));
            var target = new HistoryTarget(history);
            if (Xunit.Record.Exception(() => history.Advance(2 * straight.Position, null, CancellationToken.None)) is not { } error)
                continue;
            found++;
            Assert.IsAssignableFrom<DeterminismException>(Assert.IsType<DebugTargetException>(error).InnerException);
            Assert.Equal(0UL, history.Position);
            target.Resume(new ResumeRequest { IsStep = true }, CancellationToken.None);
            Assert.Equal(1UL, history.Position);
        }
        Assert.InRange(found, 3, 20);
    }

    /// <summary>A recording with some checkpoints, if it is to have any: how many events there are is a matter of timing.</summary>
    private static MemoryEventLog RecordSome(string guest, int vcpus, ClockKind clock, long checkpoints)
    {
        for (ulong seed = 1; ; seed++)
        {
            MemoryEventLog log = Recorded.Record(guest, vcpus, clock, seed: seed, checkpoints: checkpoints);
            if (checkpoints == 0 || LogCheckpoints.ReadFrom(log).All.Count > 3)
                return log;
            Assert.True(seed < 100, "No recording has more than three checkpoints.");
        }
    }

    private static MachineState Replay(MemoryEventLog log)
    {
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(log), new ManagedBackend(),
            new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0 });
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
        return MachineState.Capture(machine);
    }

    private static TheoryData<string, int, ClockKind> Combine()
    {
        var combinations = new TheoryData<string, int, ClockKind>();
        foreach (string guest in (string[])["racy", "devices", "radix", "prodcons", "ticketlock", "water", "hello"])
        {
            combinations.Add(guest, 2, ClockKind.RetiredInstructions);
            combinations.Add(guest, 4, ClockKind.SoftwareCounter);
        }
        combinations.Add("selfmod", 2, ClockKind.RetiredInstructions);
        return combinations;
    }

    /// <summary>A digest of every state: registers of all vCPUs, and what has been written so far.</summary>
    private sealed class StateDigests(RecordedHistory history) : IHistoryObserver
    {
        private int _last;

        public List<ulong> Digests { get; } = [];

        /// <summary>By position, who is next.</summary>
        public List<int> Threads { get; } = [history.NextThread];

        public int Switches { get; private set; }

        public static ulong Of(RecordedHistory history)
        {
            var hash = new XxHash3();
            // Without the flags that the software counter's recordings do not keep.
            var state = new byte[history.Machine.Processors.StateBytes];
            for (int vcpu = 0; vcpu < history.Configuration.VcpuCount; vcpu++)
                hash.Append(state.AsSpan(0, history.Machine.Processors.CaptureState(vcpu, state)));
            foreach (ElfSegment segment in history.Configuration.Image.Segments)
                hash.Append(history.Machine.Processors.Memory.Slice(segment.Address, (int)Math.Min(segment.MemoryBytes, 512)));
            hash.Append(BitConverter.GetBytes(history.NextThread));
            return hash.GetCurrentHashAsUInt64();
        }

        public bool Taken(in HistoryStep step)
        {
            Digests.Add(Of(history));
            Threads.Add(history.NextThread);
            Switches += _last != 0 && _last != step.Thread ? 1 : 0;
            _last = step.Thread;
            return false;
        }
    }
}
