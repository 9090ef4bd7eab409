using Determinism.Scheduling;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Scheduling;

public class ReplaySchedulerTests
{
    private readonly ReplayScheduler _scheduler = new(4, OwnershipScope.Frames);

    [Fact]
    public void An_event_that_is_complete_is_not_waited_for()
    {
        _scheduler.Publish(1, 5);
        _scheduler.WaitFor(0, new OrderingConstraint(1, 5));
        _scheduler.WaitFor(0, new OrderingConstraint(1, 1));
    }

    [Fact]
    public void A_wait_ends_with_the_event_and_not_before()
    {
        Task waits = Driven.Aside(() => _scheduler.WaitFor(0, new OrderingConstraint(1, 3)));
        for (ulong number = 1; number <= 2; number++)
        {
            _scheduler.Publish(1, number);
            Assert.False(waits.IsCompleted);
        }
        _scheduler.Publish(1, 3);
        Driven.Finishes(waits);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_wake_up_is_lost_between_two_that_wait_for_each_other_in_turn(bool isTimed)
    {
        ulong turns = (ulong)TestTier.Times(20_000, 1_000_000);
        var scheduler = new ReplayScheduler(2, OwnershipScope.Frames, isTimed ? TimeProvider.System : null);
        ulong turn = 0;
        Task[] both =
        [
            .. Enumerable.Range(0, 2).Select(agent => Driven.Aside(() =>
            {
                for (ulong number = 1; number <= turns; number++)
                {
                    if (number > 1 || agent == 1)
                        scheduler.WaitFor(agent, new OrderingConstraint(1 - agent, agent == 1 ? number : number - 1));
                    scheduler.Publish(agent, number);
                    if (agent == 0)
                        Volatile.Write(ref turn, number);
                }
            })),
        ];
        // How long all turns take together says only how busy the computer is.
        Driven.FinishesStepByStep(Task.WhenAll(both), () => Volatile.Read(ref turn));
    }

    [Fact]
    public void A_ring_of_waits_is_a_deadlock_that_names_all_of_it()
    {
        _scheduler.Publish(2, 7);
        Task[] waits =
        [
            .. Enumerable.Range(0, 3).Select(agent => Driven.Aside(
                () => _scheduler.WaitFor(agent, new OrderingConstraint((agent + 1) % 3, 9)))),
        ];
        Task? found = null;
        Driven.Until(() => (found = Array.Find(waits, wait => wait.IsFaulted)) is not null, "for the ring to be found.");
        _scheduler.Abort();
        var deadlock = Assert.IsType<ReplayDeadlockException>(found!.Exception!.InnerException);
        Assert.Contains("agent 0 (after event 0) waits for event 9 of agent 1", deadlock.Message, StringComparison.Ordinal);
        Assert.Contains("agent 1 (after event 0) waits for event 9 of agent 2", deadlock.Message, StringComparison.Ordinal);
        Assert.Contains("agent 2 (after event 7) waits for event 9 of agent 0", deadlock.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_that_waits_for_itself_is_a_deadlock() => Assert.Throws<ReplayDeadlockException>(
        () => _scheduler.WaitFor(2, new OrderingConstraint(2, 1)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_source_that_ended_too_early_is_named(bool endsFirst)
    {
        _scheduler.Publish(3, 2);
        if (endsFirst)
            _scheduler.End(3);
        Task waits = Driven.Aside(() => _scheduler.WaitFor(0, new OrderingConstraint(3, 4)));
        if (!endsFirst)
            _scheduler.End(3);
        var deadlock = Assert.Throws<ReplayDeadlockException>(() => Driven.Finishes(waits));
        Assert.Contains("event 4 of agent 3, which ended after event 2", deadlock.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ended_source_that_got_far_enough_is_no_deadlock()
    {
        _scheduler.Publish(3, 4);
        _scheduler.End(3);
        _scheduler.WaitFor(0, new OrderingConstraint(3, 4));
    }

    [Fact]
    public void Abort_wakes_those_who_wait_and_those_who_come_later()
    {
        Task waits = Driven.Aside(() => _scheduler.WaitFor(0, new OrderingConstraint(1, 1)));
        _scheduler.Abort();
        Assert.ThrowsAny<OperationCanceledException>(() => Driven.Finishes(waits));
        Assert.ThrowsAny<OperationCanceledException>(() => _scheduler.WaitFor(2, new OrderingConstraint(1, 1)));
    }

    [Fact]
    public void A_bound_is_passed_on_as_it_is()
    {
        Assert.Equal(77UL, _scheduler.Enter(0, default, 77).StopAt);
        Assert.Equal(OwnershipScope.Frames, _scheduler.Scope);
        Assert.False(_scheduler.MayDelay);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReplayScheduler(255, OwnershipScope.Frames));
    }
}
