using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Scheduling;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.GoingLive;

/// <summary>From any instant of a recording the machine goes on as a new execution.</summary>
public class GoLiveTests(ITestOutputHelper output)
{
    public static TheoryData<string, ClockKind, string, string> Ways()
    {
        var ways = new TheoryData<string, ClockKind, string, string>();
        foreach (string guest in (string[])["racy", "devices", "radix"])
        {
            ways.Add(guest, ClockKind.RetiredInstructions, "managed", "managed");
            foreach (string recorder in (string[])["managed", "kvm"])
                foreach (string live in (string[])["managed", "kvm"])
                    ways.Add(guest, ClockKind.SoftwareCounter, recorder, live);
        }
        return ways;
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public void It_begins_in_the_parents_state_and_replays_exactly(string guest, ClockKind clock, string recorder, string live)
    {
        if (recorder == "kvm" || live == "kvm")
            Recorded.NeedKvm();
        int seed = HashCode.Combine((int)clock, guest.Length, recorder.Length, live.Length) & 0xFFFF;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        Recorded recorded = Recorded.Make(guest, 2, clock, recorder, seed, random.Next(50, 200));
        using var travel = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        for (int round = 0; round < TestTier.Times(4, 60); round++)
        {
            GoSomewhere(recorded, travel, random);
            ReplaySnapshot snapshot = travel.TakeSnapshot();
            StateDigest there = StateDigest.Of(travel.Machine);
            Child child = Child.Run(snapshot, recorded.Configuration, live, random.Next());
            Assert.True(there == child.StateAtStart(), $"round {round}: at {travel.Here}: {there}, and it began as {child.StateAtStart()}");
            foreach (string backend in clock == ClockKind.SoftwareCounter && live == "kvm" ? (string[])["managed", "kvm"] : ["managed"])
            {
                string? difference = child.Replay(backend);
                Assert.True(difference is null, $"round {round}, replay on {backend}: {difference}");
            }
        }
    }

    [Theory]
    [InlineData("serial")]
    [InlineData("parallel")]
    public void Any_scheduler_may_go_on_with_it(string scheduler)
    {
        Recorded recorded = Recorded.Make("racy", 2, ClockKind.RetiredInstructions, "managed", 3, 100);
        using var travel = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        travel.GoToEvent(0, recorded.Events[0] / 2);
        ReplaySnapshot snapshot = travel.TakeSnapshot();
        StateDigest there = StateDigest.Of(travel.Machine);
        Child child = Child.Run(snapshot, recorded.Configuration, "managed", 1,
            scheduler: scheduler == "serial" ? new SerialScheduler() : new ParallelScheduler());
        Assert.Equal(there, child.StateAtStart());
        Assert.Null(child.Replay("managed"));
    }

    [Fact]
    public void A_checkpoint_of_the_log_will_do_and_so_will_its_start_and_its_end()
    {
        Recorded recorded = Recorded.Make("devices", 2, ClockKind.SoftwareCounter, "managed", 3, 100);
        IReadOnlyList<Checkpoint> all = recorded.Cuts.Checkpoints.All;
        Child child = Child.Run(all[all.Count / 2], recorded.Configuration, "managed", 1);
        Assert.Null(child.Replay("managed"));

        using var travel = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        travel.GoTo(travel.Cuts.Start);
        Assert.Null(Child.Run(travel.TakeSnapshot(), recorded.Configuration, "managed", 1).Replay("managed"));
        // All have ended: there is nothing left to do, and that is replayed too.
        Cut end = travel.Cuts.Start;
        for (int agent = 0; agent < recorded.Events.Length; agent++)
            end = end.EventCount > travel.Cuts.AfterEvent(agent, recorded.Events[agent]).EventCount ? end : travel.Cuts.AfterEvent(agent, recorded.Events[agent]);
        travel.GoTo(end);
        Assert.Null(Child.Run(travel.TakeSnapshot(), recorded.Configuration, "managed", 1).Replay("managed"));
    }

    [Fact]
    public void Two_children_of_one_instant_go_their_own_ways()
    {
        Recorded recorded = Recorded.Make("racy", 2, ClockKind.RetiredInstructions, "managed", 4, 100);
        using var travel = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        travel.GoToEvent(1, recorded.Events[1] / 4);
        ReplaySnapshot snapshot = travel.TakeSnapshot();
        var ends = new HashSet<string>();
        for (int seed = 1; seed <= 4; seed++)
        {
            Child child = Child.Run(snapshot, recorded.Configuration, "managed", seed);
            Assert.Null(child.Replay("managed"));
            ends.Add(child.End.Console);
        }
        output.WriteLine($"{ends.Count} different ends of 4");
        Assert.True(ends.Count > 1, "All came to the same end.");
    }

    [SkippableTheory]
    [InlineData("managed")]
    [InlineData("kvm")]
    public void A_child_is_a_log_like_any_other(string backend)
    {
        if (backend == "kvm")
            Recorded.NeedKvm();
        Recorded recorded = Recorded.Make("devices", 2, ClockKind.SoftwareCounter, backend, 6, 80);
        using var travel = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        travel.GoToEvent(1, recorded.Events[1] / 3);
        ReplaySnapshot snapshot = travel.TakeSnapshot();
        Child child = Child.Run(snapshot, recorded.Configuration, backend, 1, checkpoints: 40);
        ParentLog parent = ParentLog.Find(child.Log)!;
        Assert.True(parent.IsOf(recorded.Log));
        Assert.False(parent.IsOf(child.Log));
        Assert.True(snapshot.Cut.IsSame(parent.Cut));
        Assert.Null(ParentLog.Find(recorded.Log));

        // It can be gone through, by its checkpoints and without.
        Assert.True(LogCheckpoints.ReadFrom(child.Log).All.Count > 2);
        using var inside = new Machine.TimeTravel(child.Log, Recorded.Managed, TimeProvider.System);
        var cursor = new EventCursor(child.Log, 0, child.Log.StreamCount);
        while (cursor.MoveToNext())
            cursor.Consume();
        var random = new Random(7);
        for (int seek = 0; seek < 6; seek++)
        {
            inside.GoToEvent(0, (ulong)random.Next(1, (int)cursor.Consumed));
            StateDigest found = StateDigest.Of(inside.Machine);
            Assert.Equal(StraightAt(child, inside.Here), found);
        }
        // And left again.
        inside.GoToEvent(0, cursor.Consumed / 2);
        Child grandchild = Child.Run(inside.TakeSnapshot(), recorded.Configuration, "managed", 2);
        Assert.True(ParentLog.Find(grandchild.Log)!.IsOf(child.Log));
        Assert.Null(grandchild.Replay("managed"));
        using var history = new Emulation.History.RecordedHistory(grandchild.Log);
        history.Advance(100, null, CancellationToken.None);
        ulong address = history.NextAddress;
        history.Advance(5_000, null, CancellationToken.None);
        history.Seek(100, CancellationToken.None);
        Assert.Equal(address, history.NextAddress);
    }

    [Fact]
    public void Time_does_not_go_back()
    {
        Recorded recorded = Recorded.Make("devices", 2, ClockKind.SoftwareCounter, "managed", 6, 80);
        using var travel = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        int looked = 0;
        for (ulong part = 1; part < 8; part++)
        {
            travel.GoToEvent(0, recorded.Events[0] * part / 8);
            ReplaySnapshot snapshot = travel.TakeSnapshot();
            Child child = Child.Run(snapshot, recorded.Configuration, "managed", (int)part);
            ulong[] before = Times(recorded.Log, agent => snapshot.Cut.Positions[agent].Events);
            ulong[] after = Times(child.Log, _ => ulong.MaxValue);
            if (before.Length == 0 || after.Length == 0)
                continue;
            looked++;
            Assert.True(before.Max() <= after.Min(), $"It was {before.Max()}, and then {after.Min()}.");
        }
        Assert.NotEqual(0, looked);
    }

    private static ulong[] Times(MemoryEventLog log, Func<int, ulong> end)
    {
        const uint Clock = 2;
        var times = new List<ulong>();
        for (int agent = 0; agent < log.StreamCount; agent++)
        {
            for (var cursor = new EventCursor(log, agent, log.StreamCount); cursor.Consumed < end(agent) && cursor.MoveToNext(); cursor.Consume())
            {
                if (cursor.Next is { Kind: EventKind.Input, Code: Clock })
                    times.Add(cursor.Next.Value);
            }
        }
        return [.. times];
    }

    private static StateDigest StraightAt(Child child, Cut cut)
    {
        using var straight = new Machine.TimeTravel(new WithoutMore(child.Log), Recorded.Managed, TimeProvider.System);
        straight.GoTo(cut);
        return StateDigest.Of(straight.Machine);
    }

    /// <summary>A log with its first checkpoint alone.</summary>
    private sealed class WithoutMore(MemoryEventLog log) : IEventLogReader, IRepeatedBlocks
    {
        public int StreamCount => log.StreamCount;

        public bool IsComplete => log.IsComplete;

        public ReadOnlyMemory<byte> ReadEvents(int stream, long offset) => log.ReadEvents(stream, offset);

        public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content) => log.TryReadBlock(kind, out content);

        public int CountBlocks(BlockKind kind) => Math.Min(1, log.CountBlocks(kind));

        public ReadOnlyMemory<byte> ReadBlock(BlockKind kind, int index) => log.ReadBlock(kind, index);

        public void Dispose()
        {
        }
    }

    private static void GoSomewhere(Recorded recorded, Machine.TimeTravel travel, Random random)
    {
        int agent = random.Next(recorded.Events.Length);
        if (recorded.Cuts.HasCounts && random.Next(2) == 0)
        {
            int vcpu = random.Next(2);
            Cut last = recorded.Cuts.AfterEvent(vcpu, recorded.Events[vcpu]);
            travel.GoToCount(vcpu, (ulong)random.NextInt64((long)last.Positions[vcpu].Position + 1));
            return;
        }
        travel.GoToEvent(agent, (ulong)random.NextInt64((long)recorded.Events[agent] + 1));
    }
}
