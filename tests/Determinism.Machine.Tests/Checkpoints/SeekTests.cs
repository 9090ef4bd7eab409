using Determinism.Checkpoints;
using Determinism.Emulation;
using Determinism.Log;
using Determinism.Replaying;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>Journeys to random instants: what is found there is what a replay from the start finds.</summary>
public class SeekTests
{
    [Theory]
    [InlineData("racy", 2, ClockKind.RetiredInstructions, "chaos")]
    [InlineData("racy", 4, ClockKind.RetiredInstructions, "turns")]
    [InlineData("radix", 4, ClockKind.RetiredInstructions, "parallel")]
    [InlineData("devices", 4, ClockKind.RetiredInstructions, "parallel")]
    [InlineData("racy", 4, ClockKind.SoftwareCounter, "parallel")]
    [InlineData("radix", 2, ClockKind.SoftwareCounter, "turns")]
    [InlineData("devices", 2, ClockKind.SoftwareCounter, "chaos")]
    [InlineData("water", 4, ClockKind.SoftwareCounter, "serial")]
    [InlineData("selfmod", 2, ClockKind.SoftwareCounter, "parallel")]
    public void Wherever_it_goes_the_state_is_that_of_a_straight_replay(string guest, int vcpus, ClockKind clock, string scheduler)
    {
        int seed = HashCode.Combine(vcpus, (int)clock, guest.Length, scheduler.Length) & 0xFFFF;
        var random = new Random(seed);
        MachineConfiguration configuration = MachineRunner.Configure(guest, vcpus, clock);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        CheckpointRunner.Record(configuration, log, scheduler, (ulong)seed, random.Next(50, 500));
        using var travel = new TimeTravel(log, new ManagedBackend(), TimeProvider.System);
        ulong[] events = CountEvents(log);
        ulong[] counts = CountInstructions(log, vcpus);
        for (int journey = 0; journey < TestTier.Times(6, 200); journey++)
        {
            int agent = random.Next(vcpus + 1);
            bool isCount = travel.Cuts.HasCounts && agent < vcpus && random.Next(2) == 0;
            if (isCount)
                travel.GoToCount(agent, (ulong)random.NextInt64((long)counts[agent] + 2));
            else
                travel.GoToEvent(agent, (ulong)random.NextInt64((long)events[agent] + 1));
            Assert.Null(CheckpointRunner.FindOpenEvent(log, travel.Here));
            using var straight = new StoppedReplay(log, travel.Here);
            string? difference = straight.State.FindDifference(MachineState.Capture(travel.Machine))
                ?? FindRight(straight.Session, travel);
            Assert.True(difference is null, $"seed {seed}, journey {journey}, {travel.Here}: {difference}");
        }
    }

    private static string? FindRight(ReplaySession straight, TimeTravel travel)
    {
        for (int agent = 0; agent < straight.Shape.AgentCount; agent++)
        {
            for (ulong frame = 0; frame < straight.Shape.FrameCount; frame++)
            {
                if (straight.RightOf(agent, frame) != travel.RightOf(agent, frame))
                    return $"agent {agent} holds {travel.RightOf(agent, frame)} of frame 0x{frame:X}, not {straight.RightOf(agent, frame)}";
            }
        }
        return null;
    }

    private static ulong[] CountEvents(MemoryEventLog log)
    {
        var counts = new ulong[log.StreamCount];
        for (int agent = 0; agent < counts.Length; agent++)
        {
            var cursor = new EventCursor(log, agent, log.StreamCount);
            while (cursor.MoveToNext())
                cursor.Consume();
            counts[agent] = cursor.Consumed;
        }
        return counts;
    }

    private static ulong[] CountInstructions(MemoryEventLog log, int vcpus)
    {
        var counts = new ulong[vcpus];
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
        {
            for (var cursor = new EventCursor(log, vcpu, log.StreamCount); cursor.MoveToNext(); cursor.Consume())
                counts[vcpu] = Math.Max(counts[vcpu], cursor.Next.Position);
        }
        return counts;
    }
}
