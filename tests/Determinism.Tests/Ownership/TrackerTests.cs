using System.Runtime.CompilerServices;
using Determinism.Ownership;
using Determinism.Tests.Oracle;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Ownership;

public class TrackerTests
{
    private static readonly CrewOptions s_options = new() { Time = TimeProvider.System };

    [Fact]
    public void A_frames_state_takes_eight_bytes()
    {
        var table = new FrameTable(2048);
        ref long first = ref table.Slot(0);
        Assert.Equal(OwnershipWord.Untouched, first);
        var places = new SortedSet<long>();
        for (ulong frame = 0; frame < 1024; frame++)
            places.Add((long)Unsafe.ByteOffset(ref first, ref table.Slot(frame)));
        Assert.Equal(Enumerable.Range(0, 1024).Select(place => 8L * place), places);
    }

    [Fact]
    public void Frames_that_are_neighbours_do_not_share_a_cache_line()
    {
        var table = new FrameTable(2048);
        for (ulong frame = 0; frame < 1024; frame++)
        {
            for (ulong distance = 1; distance < 8; distance++)
            {
                long apart = (long)Unsafe.ByteOffset(ref table.Slot(frame), ref table.Slot(frame + distance));
                Assert.False(Math.Abs(apart) < 64, $"Frames {frame} and {frame + distance} are {apart} bytes apart.");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData((1 << 22) - 1)]
    [InlineData((1 << 22) + 1)]
    public void The_last_frame_of_a_table_has_a_place(ulong frames)
    {
        var table = new FrameTable(frames);
        Assert.Equal(0, table.Read(frames - 1));
        table.Slot(frames - 1) = 7;
        Assert.Equal(7, table.Read(frames - 1));
        Assert.Equal((frames - 1) >> 10 << 10, table.NextTouched(0));
    }

    [Fact]
    public void A_terabyte_of_the_smallest_frames_costs_what_was_touched()
    {
        const ulong Frames = (1UL << 40) / 64;
        long before = GC.GetAllocatedBytesForCurrentThread();
        var tracker = new CrewTracker<IdleSink>(4, Frames, new CausalOrder(4), default, s_options);
        long empty = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(empty, 0, 64 * 1024);
        before = GC.GetAllocatedBytesForCurrentThread();
        int held = 0;
        for (ulong place = 0; place < 100; place++)
            held += (int)tracker.GetRight(0, place * (Frames / 100));
        long looking = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, held);
        Assert.Equal(0, looking);

        const int Touched = 50;
        for (ulong place = 0; place < Touched; place++)
            tracker.Acquire(1, [new FrameRequest(place * (Frames / Touched), AccessRight.ReadWrite)]);
        // A leaf and a middle part for each of them.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Touched * 42L * 1024);
        Assert.Equal(AccessRight.ReadWrite, tracker.GetRight(1, Frames / Touched));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(-1)]
    public void An_impossible_number_of_agents_is_refused(int agents)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CausalOrder(agents));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new CrewTracker<IdleSink>(agents, 1, new CausalOrder(1), default, s_options));
    }

    [Fact]
    public void Agents_and_frames_that_are_not_there_are_refused()
    {
        var tracker = new CrewTracker<IdleSink>(2, 10, new CausalOrder(2), default, s_options);
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.GetRight(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.GetRight(0, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.Acquire(-1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.Acquire(0, [new FrameRequest(10, AccessRight.Read)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.PinShared(9, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.PinShared(ulong.MaxValue, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.MakePrivate(2, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new CrewTracker<IdleSink>(2, 0, new CausalOrder(2), default, s_options));
    }

    [Fact]
    public void Requests_that_do_not_ascend_are_refused()
    {
        var tracker = new CrewTracker<IdleSink>(2, 10, new CausalOrder(2), default, s_options);
        Assert.Throws<ArgumentException>(() => tracker.Acquire(0,
            [new FrameRequest(2, AccessRight.Read), new FrameRequest(1, AccessRight.Read)]));
        Assert.Throws<ArgumentException>(() => tracker.Acquire(0,
            [new FrameRequest(2, AccessRight.Read), new FrameRequest(2, AccessRight.ReadWrite)]));
        Assert.Equal(AcquireOutcome.AlreadyHeld, tracker.Acquire(0, []));
    }

    [Fact]
    public void Abort_ends_requests_under_way_and_later_ones()
    {
        var tracker = new CrewTracker<IdleSink>(2, 10, new CausalOrder(2), default, s_options);
        FrameRequest[] request = [new FrameRequest(1, AccessRight.ReadWrite)];
        tracker.Acquire(0, request);
        AcquireOutcome outcome = default;
        Task waits = Driven.Aside(() => outcome = tracker.Acquire(1, request));
        Driven.Until(() => tracker.IsAsked(0), "for the holder to be asked.");
        tracker.Abort();
        Driven.Finishes(waits);
        Assert.Equal(AcquireOutcome.Aborted, outcome);
        Assert.Equal(AcquireOutcome.Aborted, tracker.Acquire(1, request));
        Assert.Equal(AccessRight.ReadWrite, tracker.GetRight(0, 1));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void A_reader_does_not_overtake_with_its_upgrade_a_write_that_has_taken_other_readers(int agentCount)
    {
        var order = new CausalOrder(agentCount);
        var observer = new TrackerObserver(agentCount, order);
        var tracker = new CrewTracker<ObservingSink>(agentCount, 1, order, new ObservingSink(observer), s_options);
        const int Asleep = 0, Runner = 1, Writer = 2;
        tracker.Acquire(Asleep, [new FrameRequest(0, AccessRight.Read)]);
        tracker.DropPins(Asleep);
        tracker.Park(Asleep);
        tracker.Acquire(Runner, [new FrameRequest(0, AccessRight.Read)]);
        tracker.DropPins(Runner);
        Task writes = Driven.Aside(() => tracker.Acquire(Writer, [new FrameRequest(0, AccessRight.ReadWrite)]));
        Driven.Until(() => tracker.IsAsked(Runner), "for the reader to be asked.");

        Task upgrades = Driven.Aside(() => tracker.Acquire(Runner, [new FrameRequest(0, AccessRight.ReadWrite)]));
        Driven.Finishes(writes);
        Assert.False(upgrades.IsCompleted);
        tracker.DropPins(Writer);
        Driven.Until(() => tracker.IsAsked(Writer), "for the writer to be asked.");
        tracker.Serve(Writer);
        Driven.Finishes(upgrades);

        var known = new HappensBefore(observer.Streams);
        Assert.Equal("", known.Cycle);
        Assert.Equal("", ConflictOracle.FindUnordered(observer.Accesses, observer.Streams, known));
        Assert.Equal("", observer.Violation);
    }

    [Fact]
    public void Requests_for_a_frame_are_granted_in_the_order_of_their_arrival()
    {
        var tracker = new CrewTracker<IdleSink>(5, 1, new CausalOrder(5), default, s_options);
        FrameRequest[] request = [new FrameRequest(0, AccessRight.ReadWrite)];
        tracker.Acquire(0, request);
        tracker.DropPins(0);
        var arrivals = new List<int>();
        var waits = new List<Task>();
        for (int agent = 1; agent < 5; agent++)
        {
            int number = agent;
            waits.Add(Driven.Aside(() =>
            {
                tracker.Acquire(number, request);
                lock (arrivals)
                    arrivals.Add(number);
                tracker.End(number);
            }));
            // Parked in the gate: the next may come.
            Driven.Until(() => tracker.WaitingCount == number, "for the request to arrive.");
        }
        tracker.Serve(0);
        Driven.Finishes(Task.WhenAll(waits));
        Assert.Equal([1, 2, 3, 4], arrivals);
    }

    [Fact]
    public void What_was_granted_without_the_gate_is_pinned_like_the_rest()
    {
        var tracker = new CrewTracker<IdleSink>(2, 4, new CausalOrder(2), default, s_options);
        tracker.Acquire(0, [new FrameRequest(1, AccessRight.ReadWrite), new FrameRequest(2, AccessRight.Read)]);
        Task waits = Driven.Aside(() => tracker.Acquire(1, [new FrameRequest(1, AccessRight.Read)]));
        Driven.Until(() => tracker.IsAsked(0), "for the holder to be asked.");
        Assert.Equal(0, tracker.Serve(0));
        Assert.True(tracker.IsAsked(0), "What is left unserved stays asked.");
        tracker.DropPins(0);
        Assert.Equal(1, tracker.Serve(0));
        Driven.Finishes(waits);
    }

    [Fact]
    public void A_holder_keeps_what_it_was_handed_for_its_hold_time()
    {
        var time = new ManualTime();
        var tracker = new CrewTracker<IdleSink>(3, 1, new CausalOrder(3), default,
            new CrewOptions { Time = time, HoldTime = TimeSpan.FromHours(1), AnswerTimeout = TimeSpan.FromHours(9) });
        FrameRequest[] request = [new FrameRequest(0, AccessRight.ReadWrite)];
        tracker.Acquire(0, request);
        tracker.DropPins(0);
        tracker.Park(0);
        Driven.Finishes(Driven.Aside(() => tracker.Acquire(1, request)));
        tracker.DropPins(1);
        Task waits = Driven.Aside(() => tracker.Acquire(2, request));
        Driven.Until(() => tracker.WaitingCount == 1, "for the request to arrive.");
        Assert.False(tracker.IsAsked(1));
        time.Now += TimeSpan.FromHours(2);
        // It sleeps as long as the hold time lasted; a change makes it look again.
        tracker.Serve(0);
        Driven.Until(() => tracker.IsAsked(1), "for the holder to be asked.");
        tracker.Serve(1);
        Driven.Finishes(waits);
    }

    [Fact]
    public void The_hold_time_is_twice_what_holders_take_to_answer()
    {
        const int Frames = 80;
        var time = new ManualTime();
        var tracker = new CrewTracker<IdleSink>(3, Frames + 1, new CausalOrder(3), default, new CrewOptions
        {
            Time = time, HoldTime = TimeSpan.FromHours(1), LongestHold = TimeSpan.FromHours(5),
            AnswerTimeout = TimeSpan.FromHours(9),
        });
        for (ulong frame = 0; frame < Frames; frame++)
        {
            FrameRequest[] one = [new FrameRequest(frame, AccessRight.ReadWrite)];
            tracker.Acquire(0, one);
            tracker.DropPins(0);
            HandOver(tracker, one, time, from: 0, to: 1);
        }
        FrameRequest[] last = [new FrameRequest(Frames - 1, AccessRight.ReadWrite)];
        Task waits = Driven.Aside(() => tracker.Acquire(2, last));
        Driven.Until(() => tracker.WaitingCount == 1, "for the request to arrive.");
        Assert.False(tracker.IsAsked(1));
        time.Now += TimeSpan.FromMinutes(3);
        tracker.Serve(0);
        Driven.Until(() => tracker.IsAsked(1), "for the holder to be asked.");
        tracker.Serve(1);
        Driven.Finishes(waits);
    }

    [Fact]
    public void Who_gets_one_frame_comes_behind_those_who_wait_for_the_next()
    {
        const int FirstHolder = 0, SecondHolder = 1, OfBoth = 2, OfSecond = 3;
        FrameRequest[] both = [new FrameRequest(0, AccessRight.ReadWrite), new FrameRequest(1, AccessRight.ReadWrite)];
        var tracker = new CrewTracker<IdleSink>(4, 2, new CausalOrder(4), default, new CrewOptions { Time = TimeProvider.System });
        tracker.Acquire(FirstHolder, both.AsSpan(0, 1));
        tracker.DropPins(FirstHolder);
        tracker.Acquire(SecondHolder, both.AsSpan(1));
        tracker.DropPins(SecondHolder);
        Task ofBoth = Driven.Aside(() => tracker.Acquire(OfBoth, both));
        Driven.Until(() => tracker.IsAsked(FirstHolder), "for the first holder to be asked.");
        Task ofSecond = Driven.Aside(() => tracker.Acquire(OfSecond, both.AsSpan(1)));
        Driven.Until(() => tracker.IsAsked(SecondHolder), "for the second holder to be asked.");
        tracker.Serve(FirstHolder);
        Driven.Until(() => tracker.GetRight(OfBoth, 0) == AccessRight.ReadWrite, "for the first frame.");
        Driven.Until(() => tracker.WaitingCount == 2, "for both to wait.");
        tracker.Serve(SecondHolder);
        Driven.Finishes(ofSecond);
        Assert.False(ofBoth.IsCompleted);
        tracker.DropPins(OfSecond);
        Driven.Until(() => tracker.IsAsked(OfSecond), "for the second frame to be wanted.");
        tracker.Serve(OfSecond);
        Driven.Finishes(ofBoth);
    }

    /// <summary>The holder answers after a minute.</summary>
    private static void HandOver(CrewTracker<IdleSink> tracker, FrameRequest[] request, ManualTime time, int from, int to)
    {
        Task waits = Driven.Aside(() => tracker.Acquire(to, request));
        Driven.Until(() => tracker.IsAsked(from), "for the holder to be asked.");
        time.Now += TimeSpan.FromMinutes(1);
        tracker.Serve(from);
        Driven.Finishes(waits);
        tracker.DropPins(to);
    }
}
