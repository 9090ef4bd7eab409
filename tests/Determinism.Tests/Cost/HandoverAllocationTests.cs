using Determinism.Log;
using Determinism.Ownership;
using Determinism.Scheduling;

namespace Determinism.Tests.Cost;

/// <summary>What a handover, its constraints, its events and their replay take from the heap: nothing.</summary>
public sealed class HandoverAllocationTests
{
    private const ulong Frame = 5;

    /// <summary>Steal, read from an owner, join, upgrade over readers; the sets of many agents are used again.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(254)]
    public void Handovers_between_agents_at_named_points(int agents)
    {
        var order = new CausalOrder(agents);
        var tracker = new CrewTracker<CompletingSink>(agents, 1024, order, new CompletingSink(order),
            new CrewOptions { Time = TimeProvider.System });
        for (int agent = 0; agent < agents; agent++)
            tracker.Park(agent);
        int granted = 0;
        void Take(int agent, AccessRight right)
        {
            tracker.Unpark(agent);
            granted += tracker.Acquire(agent, [new FrameRequest(Frame, right)]) == AcquireOutcome.Granted ? 1 : 0;
            tracker.DropPins(agent);
            tracker.Park(agent);
        }
        Take(0, AccessRight.ReadWrite);
        Allocation.MustNotHappen(_ =>
        {
            Take(1, AccessRight.ReadWrite);
            for (int agent = 2; agent < agents; agent++)
                Take(agent, AccessRight.Read);
            Take(0, AccessRight.ReadWrite);
        });
        Assert.Equal(1 + ((Allocation.Warmth + Allocation.Measured) * agents), granted);
        Assert.Equal(AccessRight.ReadWrite, tracker.GetRight(0, Frame));
        Assert.True(order.ConstraintsWritten > Allocation.Measured);
    }

    /// <summary>All frames at once are shared and given back: giving back the sets takes no room either.</summary>
    [Fact]
    public void Giving_back_the_sets_of_many_readers()
    {
        const int Frames = Allocation.Warmth + Allocation.Measured;
        var order = new CausalOrder(200);
        var tracker = new CrewTracker<CompletingSink>(200, Frames, order, new CompletingSink(order),
            new CrewOptions { Time = TimeProvider.System });
        tracker.Park(1);
        for (ulong frame = 0; frame < Frames; frame++)
        {
            tracker.Acquire(0, [new FrameRequest(frame, AccessRight.Read)]);
            tracker.Unpark(1);
            tracker.Acquire(1, [new FrameRequest(frame, AccessRight.Read)]);
            tracker.DropPins(1);
            tracker.Park(1);
        }
        Allocation.MustNotHappen(index => tracker.Acquire(0, [new FrameRequest((ulong)index, AccessRight.ReadWrite)]));
        Assert.Equal(AccessRight.None, tracker.GetRight(1, 0));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(254)]
    public void Constraints_and_their_reduction(int agents)
    {
        var order = new CausalOrder(agents);
        int[] sources = [.. Enumerable.Range(1, agents - 1)];
        var constraints = new OrderingConstraint[agents];
        int written = 0;
        Allocation.MustNotHappen(_ =>
        {
            foreach (int source in sources)
                order.Complete(source);
            written += order.Constrain(0, sources, constraints);
            written += order.Constrain(0, sources, constraints);
        });
        Assert.Equal((Allocation.Warmth + Allocation.Measured) * (agents - 1), written);
    }

    [Theory]
    [InlineData(EventKind.Elevation, false)]
    [InlineData(EventKind.Reduction, false)]
    [InlineData(EventKind.Input, false)]
    [InlineData(EventKind.Input, true)]
    [InlineData(EventKind.Asynchronous, false)]
    [InlineData(EventKind.Digest, false)]
    [InlineData(EventKind.End, false)]
    public void Encoding_and_appending(EventKind kind, bool hasBytes)
    {
        var encoder = new EventEncoder(4);
        var buffer = new byte[EventEncoder.MaximumFixedBytes + EventEncoder.MaximumConstraintBytes];
        var content = new byte[12];
        // As long as what is appended fits into a chunk: what a log in memory keeps is memory.
        using var log = new MemoryEventLog(1);
        Allocation.MustNotHappen(index =>
        {
            var one = new StreamEvent
            {
                Kind = kind, Position = (ulong)index, Frame = (ulong)index * 3, Value = (ulong)index * 300,
                NewRight = AccessRight.Read, HasBytes = hasBytes,
            };
            ReadOnlySpan<OrderingConstraint> constraints =
                kind == EventKind.Elevation ? [new OrderingConstraint(1, (ulong)index)] : [];
            ReadOnlySpan<byte> bytes = hasBytes ? content : [];
            Assert.True(encoder.TryWrite(buffer, one, constraints, bytes, out int written));
            log.Append(0, buffer.AsSpan(0, written));
        });
        Assert.True(log.EventBytes >= 2 * (Allocation.Warmth + Allocation.Measured));
    }

    [Fact]
    public void Keeping_an_order_that_nobody_has_to_wait_for()
    {
        var scheduler = new ReplayScheduler(2, OwnershipScope.Frames);
        Allocation.MustNotHappen(index =>
        {
            scheduler.Publish(1, (ulong)index + 1);
            scheduler.WaitFor(0, new OrderingConstraint(1, (ulong)index + 1));
        });
    }
}
