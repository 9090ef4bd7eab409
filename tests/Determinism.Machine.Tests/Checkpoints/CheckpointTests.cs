using Determinism.Checkpoints;
using Determinism.Guests;
using Determinism.Log;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>Checkpoints of recordings on the managed machine.</summary>
public class CheckpointTests
{
    public static TheoryData<string, int, string, ClockKind> Combinations()
    {
        var data = new TheoryData<string, int, string, ClockKind>();
        foreach (Guest guest in GuestCatalog.All)
        {
            foreach (int vcpus in guest.Name == "hello" ? (int[])[1] : TestTier.IsFull ? [2, 4] : [3])
                foreach (string scheduler in (string[])["parallel", "serial", "chaos", "turns"])
                    foreach (ClockKind clock in (ClockKind[])[ClockKind.RetiredInstructions, ClockKind.SoftwareCounter])
                        data.Add(guest.Name, vcpus, scheduler, clock);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Whoever_starts_at_a_checkpoint_comes_to_the_same_end(string guest, int vcpus, string scheduler, ClockKind clock)
    {
        for (int round = 0; round < TestTier.Times(1, 10); round++)
        {
            int seed = HashCode.Combine(round, vcpus, (int)clock, guest.Length) & 0xFFFF;
            var random = new Random(seed);
            MachineConfiguration configuration = MachineRunner.Configure(guest, vcpus, clock);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            MachineState recorded = CheckpointRunner.Record(configuration, log, scheduler, (ulong)seed, random.Next(10, 200));
            IReadOnlyList<Checkpoint> all = LogCheckpoints.ReadFrom(log).All;
            Assert.All(all, one => Assert.Null(CheckpointRunner.FindOpenEvent(log, one.Cut)));
            foreach (Checkpoint from in CheckpointRunner.Choose(all, 2, random))
            {
                string? difference = recorded.FindDifference(CheckpointRunner.Replay(log, from));
                Assert.True(difference is null, $"seed {seed}, checkpoint {from.Number}: {difference}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void A_checkpoint_is_what_a_replay_from_the_start_comes_to(string guest, int vcpus, string scheduler, ClockKind clock)
    {
        int seed = HashCode.Combine(vcpus, (int)clock, guest.Length) & 0xFFFF;
        var random = new Random(seed);
        MachineConfiguration configuration = MachineRunner.Configure(guest, vcpus, clock);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        CheckpointRunner.Record(configuration, log, scheduler, (ulong)seed, random.Next(10, 200));
        foreach (Checkpoint one in CheckpointRunner.Choose(LogCheckpoints.ReadFrom(log).All, 2, random))
        {
            using var straight = new StoppedReplay(log, one.Cut);
            using var restored = new StoppedReplay(log, one.Cut, one);
            string? difference = straight.FindDifference(restored);
            Assert.True(difference is null, $"seed {seed}, checkpoint {one.Number}, {one.Cut}: {difference}");
        }
    }
}
