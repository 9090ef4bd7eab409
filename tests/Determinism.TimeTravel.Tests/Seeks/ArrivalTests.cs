using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.Seeks;

/// <summary>At a poll where an interrupt arrives, a vCPU stands before it arrives: no other machine can be put there, since its loop
/// would enter the guest.</summary>
public class ArrivalTests(ITestOutputHelper output)
{
    private const int Seed = 20261129;

    [Fact]
    public void Nobody_is_taken_over_between_a_poll_and_what_arrives_there()
    {
        Recorded recorded = Recorded.Make("devices", 2, ClockKind.SoftwareCounter, "managed", Seed, 30, isShort: true);
        int found = 0;
        for (int vcpu = 0; vcpu < recorded.Configuration.VcpuCount; vcpu++)
        {
            foreach ((ulong events, ulong count) in ArrivalsOf(recorded.Log, vcpu))
            {
                EventInterval interval = recorded.Cuts.IntervalAfter(vcpu, events);
                // What its last event needs of others may need more of the vCPU.
                if (interval.Start.Positions[vcpu].Events != events)
                    continue;
                Cut target = recorded.Cuts.FromPoll(interval, vcpu, count).Start;
                var before = new AgentPosition(events, PlaceKind.Count, count);
                Assert.NotEqual(before, recorded.Cuts.FindTakeOver(target)?.Positions[vcpu]);
                Assert.True(recorded.Cuts.Settle(target).Positions[vcpu].Events > events);
                found++;
            }
        }
        output.WriteLine($"seed {Seed}, {found} arrivals");
        Assert.True(found > 0);
    }

    // Behind how many events, and at which count; but for those that come together with another event.
    private static List<(ulong Events, ulong Count)> ArrivalsOf(MemoryEventLog log, int vcpu)
    {
        var arrivals = new List<(ulong, ulong)>();
        var cursor = new EventCursor(log, vcpu, log.StreamCount);
        StreamEvent last = default;
        while (cursor.MoveToNext())
        {
            if (cursor.Next is { Kind: EventKind.Asynchronous, Place: PlaceKind.Count } && !cursor.Next.IsSamePlace(last))
                arrivals.Add((cursor.Consumed, cursor.Next.Position));
            last = cursor.Next;
            cursor.Consume();
        }
        return arrivals;
    }
}
