using Determinism.Checkpoints;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Machine.Tests.Checkpoints;

namespace Determinism.Kvm.Tests.Runs;

/// <summary>Checkpoints made on one backend, and replays that start there on both.</summary>
public class CheckpointTests
{
    private static readonly IMachineBackend s_managed = OnKvm.Find("managed");

    public static TheoryData<string, int> Guests()
    {
        var data = new TheoryData<string, int>();
        foreach (Guest guest in GuestCatalog.All)
        {
            foreach (int vcpus in guest.Name == "hello" ? (int[])[1] : [2, 4])
                data.Add(guest.Name, vcpus);
        }
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Guests))]
    public void Whoever_starts_at_a_checkpoint_made_on_Kvm_comes_to_the_same_end(string guest, int vcpus)
    {
        OnKvm.Need();
        foreach (string scheduler in TestTier.IsFull ? (string[])["parallel", "serial", "chaos", "turns"] : ["parallel"])
        {
            int seed = HashCode.Combine(vcpus, guest.Length) & 0xFFFF;
            var random = new Random(seed);
            var configuration = MachineRunner.Configure(guest, vcpus, ClockKind.SoftwareCounter);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            MachineState recorded = CheckpointRunner.Record(configuration, log, scheduler, (ulong)seed, random.Next(20, 200), OnKvm.Backend);
            IReadOnlyList<Checkpoint> all = LogCheckpoints.ReadFrom(log).All;
            Assert.All(all, one => Assert.Null(CheckpointRunner.FindOpenEvent(log, one.Cut)));
            foreach (Checkpoint from in CheckpointRunner.Choose(all, TestTier.Times(1, 8), random))
            {
                foreach (IMachineBackend backend in (IMachineBackend[])[OnKvm.Backend, s_managed])
                {
                    string? difference = recorded.FindDifference(CheckpointRunner.Replay(log, from, backend));
                    Assert.True(difference is null, $"seed {seed}, {scheduler}, checkpoint {from.Number} on {backend.Name}: {difference}");
                }
                using var straight = new StoppedReplay(log, from.Cut, backend: OnKvm.Backend);
                using var restored = new StoppedReplay(log, from.Cut, from, s_managed);
                string? apart = straight.FindDifference(restored);
                Assert.True(apart is null, $"seed {seed}, {scheduler}, checkpoint {from.Number}: {apart}");
            }
        }
    }

    [SkippableTheory]
    [InlineData("racy", 4)]
    [InlineData("devices", 2)]
    [InlineData("selfmod", 2)]
    public void A_checkpoint_made_on_the_managed_machine_starts_a_replay_on_Kvm(string guest, int vcpus)
    {
        OnKvm.Need();
        var random = new Random(vcpus);
        var configuration = MachineRunner.Configure(guest, vcpus, ClockKind.SoftwareCounter);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = CheckpointRunner.Record(configuration, log, "parallel", 1, 60, s_managed);
        foreach (Checkpoint from in CheckpointRunner.Choose(LogCheckpoints.ReadFrom(log).All, 4, random))
            Assert.Null(recorded.FindDifference(CheckpointRunner.Replay(log, from, OnKvm.Backend)));
    }

    [SkippableTheory]
    [InlineData("racy", 2)]
    [InlineData("devices", 2)]
    [InlineData("radix", 2)]
    public void Wherever_it_goes_on_Kvm_the_state_is_that_of_a_straight_replay(string guest, int vcpus)
    {
        OnKvm.Need();
        var random = new Random(vcpus);
        var configuration = MachineRunner.Configure(guest, vcpus, ClockKind.SoftwareCounter);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        CheckpointRunner.Record(configuration, log, "parallel", 1, 100, OnKvm.Backend);
        using var travel = new TimeTravel(log, OnKvm.Backend, TimeProvider.System);
        for (int journey = 0; journey < TestTier.Times(4, 100); journey++)
        {
            int agent = random.Next(vcpus);
            ulong last = 0;
            for (var cursor = new EventCursor(log, agent, log.StreamCount); cursor.MoveToNext(); cursor.Consume())
                last = cursor.Consumed + 1;
            travel.GoToEvent(agent, (ulong)random.NextInt64((long)last + 1));
            using var straight = new StoppedReplay(log, travel.Here, backend: s_managed);
            string? difference = straight.State.FindDifference(MachineState.Capture(travel.Machine));
            Assert.True(difference is null, $"journey {journey}, {travel.Here}: {difference}");
        }
    }
}
