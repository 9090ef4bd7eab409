namespace Determinism.Conformance;

/// <summary>What a scheduler for replays does besides: it keeps the order that a log demands (laws L3, L6).</summary>
public abstract class ReplaySchedulerSpecification : VcpuSchedulerSpecification
{
    /// <summary>What is done is done.</summary>
    [Fact]
    public void An_event_that_is_complete_is_not_waited_for() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        scheduler.Publish(1, 1);
        scheduler.Publish(1, 2);
        Aside.Finish(Patience, "The wait", Waiting(scheduler, 0, 1, 2));
        Aside.Finish(Patience, "The wait", Waiting(scheduler, 0, 1, 1));
    });

    /// <summary>Neither earlier nor never.</summary>
    [Fact]
    public void A_wait_ends_with_its_event_and_not_before() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        Task wait = Waiting(scheduler, 0, 1, 3);
        Aside.StillWaits(wait, "It went on with no event complete.");
        scheduler.Publish(1, 1);
        scheduler.Publish(1, 2);
        Aside.StillWaits(wait, "It went on with the event before.");
        scheduler.Publish(1, 3);
        Aside.Finish(Patience, "The wait", wait);
    });

    /// <summary>One event may be the source of many.</summary>
    [Fact]
    public void Everybody_who_waits_for_an_event_goes_on() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(4);
        Task[] waits = [.. Enumerable.Range(1, 3).Select(agent => Waiting(scheduler, agent, 0, (ulong)agent))];
        Aside.StillWaits(Task.WhenAny(waits), "It went on with no event complete.");
        for (ulong number = 1; number <= 3; number++)
            scheduler.Publish(0, number);
        Aside.Finish(Patience, "A wait", waits);
    });

    /// <summary>All that the source did before its event is seen after the wait: the fence of the handover.</summary>
    [Fact]
    public void What_the_source_did_before_is_seen_after() => Within(() =>
    {
        const int Rounds = 3000;
        IVcpuScheduler scheduler = Make(2);
        long written = 0;
        Task[] agents = [.. Enumerable.Range(0, 2).Select(agent => Aside.Run(() =>
        {
            for (ulong round = 1; round <= Rounds; round++)
            {
                // Plain reads and writes: the two take turns, ordered by the scheduler alone.
                if (agent == 1)
                    scheduler.WaitFor(1, new OrderingConstraint(0, round));
                else if (round > 1)
                    scheduler.WaitFor(0, new OrderingConstraint(1, round - 1));
                Assert.Equal((2 * ((long)round - 1)) + agent, written);
                written++;
                scheduler.Publish(agent, round);
            }
        }))];
        Aside.Finish(Patience, "Taking turns", agents);
        Assert.Equal(2 * Rounds, written);
    });

    /// <summary>Constraints between many agents are kept without losing a wake-up.</summary>
    [Fact]
    public void A_long_chain_goes_through() => Within(() =>
    {
        const int Agents = 5, Rounds = 400;
        IVcpuScheduler scheduler = Make(Agents);
        Task[] agents = [.. Enumerable.Range(0, Agents).Select(agent => Aside.Run(() =>
        {
            for (ulong round = 1; round <= Rounds; round++)
            {
                if (agent > 0)
                    scheduler.WaitFor(agent, new OrderingConstraint(agent - 1, round));
                else if (round > 1)
                    scheduler.WaitFor(0, new OrderingConstraint(Agents - 1, round - 1));
                scheduler.Publish(agent, round);
            }
            scheduler.End(agent);
        }))];
        Aside.Finish(Patience, "The chain", agents);
    });

    /// <summary>A replay never hangs: a ring is a damaged log (law L6).</summary>
    [Fact]
    public void A_ring_of_waits_is_an_error() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        Task first = Waiting(scheduler, 0, 1, 1), second = Waiting(scheduler, 1, 0, 1);
        Assert.IsType<ReplayDeadlockException>(FirstFailure(first, second));
        scheduler.Abort();
    });

    /// <summary>Nobody will complete that event any more.</summary>
    [Fact]
    public void Waiting_for_an_agent_that_has_ended_is_an_error() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        scheduler.Publish(1, 1);
        scheduler.End(1);
        Task late = Waiting(scheduler, 0, 1, 2);
        Assert.IsType<ReplayDeadlockException>(FirstFailure(late));
    });

    /// <summary>Also for those who wait already.</summary>
    [Fact]
    public void The_end_of_an_agent_wakes_those_who_wait_in_vain() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        Task wait = Waiting(scheduler, 0, 1, 2);
        Aside.StillWaits(wait, "It went on with no event complete.");
        scheduler.Publish(1, 1);
        scheduler.End(1);
        Assert.IsType<ReplayDeadlockException>(FirstFailure(wait));
    });

    /// <summary>A session that ends must not leave threads behind.</summary>
    [Fact]
    public void An_abort_ends_waits() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        Task wait = Waiting(scheduler, 0, 1, 1);
        Aside.StillWaits(wait, "It went on with no event complete.");
        scheduler.Abort();
        Assert.IsAssignableFrom<OperationCanceledException>(FirstFailure(wait));
    });

    private static Task Waiting(IVcpuScheduler scheduler, int agent, int source, ulong number) =>
        Aside.Run(() => scheduler.WaitFor(agent, new OrderingConstraint(source, number)));

    private Exception FirstFailure(params Task[] calls)
    {
        Aside.Until(Patience, "a wait that cannot end fails", () => calls.Any(call => call.IsFaulted || call.IsCanceled));
        Task failed = calls.First(call => call.IsFaulted || call.IsCanceled);
        return Record.Exception(() => failed.GetAwaiter().GetResult());
    }
}
