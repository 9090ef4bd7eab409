using CsCheck;
using Determinism.Scheduling;

namespace Determinism.Tests.Scheduling;

public class RecordingSchedulerTests
{
    [Fact]
    public void Chaos_decides_by_its_seed_and_a_vCPUs_own_history_alone() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 2].Array[30]).Sample(
            (seed, order) =>
            {
                var one = new ChaosScheduler(seed, 3, 1000);
                var other = new ChaosScheduler(seed, 3, 1000);
                var decisions = new List<ulong>[] { [], [], [] };
                foreach (int vcpu in order)
                    decisions[vcpu].Add(Decide(one, vcpu));
                // The same entries, one vCPU after the other.
                for (int vcpu = 0; vcpu < 3; vcpu++)
                    Assert.Equal(decisions[vcpu], [.. decisions[vcpu].Select(_ => Decide(other, vcpu))]);
            },
            iter: TestTier.Times(10, 200), threads: 1);

    [Fact]
    public void Chaos_with_another_seed_decides_otherwise()
    {
        var one = new ChaosScheduler(1, 1);
        var other = new ChaosScheduler(2, 1);
        Assert.NotEqual(Enumerable.Range(0, 8).Select(_ => Decide(one, 0)), Enumerable.Range(0, 8).Select(_ => Decide(other, 0)));
    }

    [Fact]
    public void Chaos_runs_a_vCPU_at_least_one_count_and_at_most_the_longest_slice()
    {
        var chaos = new ChaosScheduler(3, 1, 50);
        chaos.Abort();
        var lengths = Enumerable.Range(0, 500)
            .Select(_ => chaos.Enter(0, new ExecutionPoint(100, 0, 0, 0), RunSlice.Unlimited).StopAt - 100).ToArray();
        Assert.Equal(1UL, lengths.Min());
        Assert.InRange(lengths.Max(), 20UL, 50UL);
        Assert.Equal(101UL, chaos.Enter(0, new ExecutionPoint(100, 0, 0, 0), 101).StopAt);
    }

    [Fact]
    public void The_others_run_a_vCPU_as_far_as_it_may()
    {
        foreach (RecordingScheduler scheduler in (RecordingScheduler[])[new ParallelScheduler(), new SerialScheduler()])
        {
            Assert.Equal(RunSlice.Unlimited, scheduler.Enter(0, default, RunSlice.Unlimited).StopAt);
            Assert.Equal(5UL, scheduler.Enter(0, default, 5).StopAt);
            Assert.False(scheduler.MayDelay);
            Assert.True(scheduler.Sharing.HoldTime > TimeSpan.Zero);
        }
        Assert.Equal(OwnershipScope.Machine, new SerialScheduler().Scope);
        Assert.Equal(OwnershipScope.Frames, new ParallelScheduler().Scope);
    }

    [Fact]
    public void A_recording_has_nothing_to_wait_for() => Assert.Throws<InvalidOperationException>(
        () => new ParallelScheduler().WaitFor(0, new OrderingConstraint(1, 1)));

    private static ulong Decide(ChaosScheduler scheduler, int vcpu) =>
        scheduler.Enter(vcpu, default, RunSlice.Unlimited).StopAt;
}
