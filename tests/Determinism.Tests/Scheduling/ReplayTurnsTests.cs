using Determinism.Scheduling;
using Determinism.Sessions;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Scheduling;

/// <summary>One agent at a time, in one order.</summary>
public class ReplayTurnsTests
{
    private readonly ReplayTurns _turns = new();
    private readonly ReplayScheduler _scheduler;

    public ReplayTurnsTests() => _scheduler = new ReplayScheduler(3, OwnershipScope.Frames, turns: _turns);

    [Fact]
    public void An_agent_goes_on_until_it_must_wait_and_then_the_least_that_can()
    {
        for (int run = 0; run < 50; run++)
        {
            var turns = new ReplayTurns();
            var scheduler = new ReplayScheduler(3, OwnershipScope.Frames, turns: turns);
            // Written by whoever's turn it is, without a lock.
            var order = new List<string>();
            Task[] agents =
            [
                Agent(turns, 0, () =>
                {
                    order.Add("0 waits for 2");
                    scheduler.WaitFor(0, new OrderingConstraint(2, 1));
                    order.Add("0 goes on");
                }),
                Agent(turns, 1, () =>
                {
                    order.Add("1 waits for 0");
                    scheduler.WaitFor(1, new OrderingConstraint(0, 1));
                    order.Add("1 goes on");
                }),
                Agent(turns, 2, () =>
                {
                    order.Add("2 has done it");
                    scheduler.Publish(2, 1);
                    order.Add("2 publishes for 0");
                    scheduler.Publish(0, 1);
                    scheduler.WaitFor(2, new OrderingConstraint(2, 1));
                    order.Add("2 need not wait");
                }),
            ];
            Assert.False(turns.Go());
            Driven.Finishes(Task.WhenAll(agents));
            Assert.Equal(
                ["0 waits for 2", "1 waits for 0", "2 has done it", "2 publishes for 0", "2 need not wait", "0 goes on", "1 goes on"], order);
        }
    }

    [Fact]
    public void Nothing_moves_between_a_pause_and_going_on()
    {
        var order = new List<string>();
        Task[] agents = [.. Enumerable.Range(0, 3).Select(agent => Agent(_turns, agent, () =>
        {
            order.Add($"{agent} pauses");
            _turns.Pause(agent);
            order.Add($"{agent} goes on");
        }))];
        var expected = new List<string>();
        for (int agent = 0; agent < 3; agent++)
        {
            Assert.True(_turns.Go());
            expected.Add($"{agent} pauses");
            Assert.Equal(expected, order);
            expected.Add($"{agent} goes on");
        }
        Assert.False(_turns.Go());
        Driven.Finishes(Task.WhenAll(agents));
        Assert.Equal(expected, order);
    }

    [Fact]
    public void Who_waits_for_each_other_is_a_deadlock_that_names_them()
    {
        Task[] agents =
        [
            Agent(_turns, 0, () => _scheduler.WaitFor(0, new OrderingConstraint(1, 1))),
            Agent(_turns, 1, () => _scheduler.WaitFor(1, new OrderingConstraint(2, 1))),
            Agent(_turns, 2, () => _scheduler.WaitFor(2, new OrderingConstraint(0, 1)), _scheduler.Abort),
        ];
        Assert.False(_turns.Go());
        ReplayDeadlockException deadlock = Assert.Throws<ReplayDeadlockException>(() => Driven.Finishes(agents[2]));
        for (int agent = 0; agent < 3; agent++)
            Assert.Contains($"agent {agent} (after event 0) waits for event 1 of agent {(agent + 1) % 3}", deadlock.Message, StringComparison.Ordinal);
        Assert.Throws<SessionOverException>(() => Driven.Finishes(agents[0]));
    }

    [Fact]
    public void An_agent_that_waits_for_itself_is_told_so()
    {
        Task[] agents =
        [
            Agent(_turns, 0, () => { }),
            Agent(_turns, 1, () => { }),
            Agent(_turns, 2, () => _scheduler.WaitFor(2, new OrderingConstraint(2, 1)), _scheduler.Abort),
        ];
        _turns.Go();
        ReplayDeadlockException deadlock = Assert.Throws<ReplayDeadlockException>(() => Driven.Finishes(agents[2]));
        Assert.Contains("agent 2 (after event 0) waits for event 1 of agent 2", deadlock.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void When_the_session_is_over_everybody_goes()
    {
        Task[] agents = [.. Enumerable.Range(0, 3).Select(agent => Agent(_turns, agent, () => _turns.Pause(agent)))];
        Assert.True(_turns.Go());
        _scheduler.Abort();
        Driven.Finishes(Task.WhenAll(agents));
        Assert.False(_turns.Go());
    }

    [Fact]
    public void Turns_are_of_one_replay()
    {
        Assert.Throws<InvalidOperationException>(() => new ReplayScheduler(3, OwnershipScope.Frames, turns: _turns));
        Assert.Throws<InvalidOperationException>(() => new ReplayTurns().Go());
    }

    private static Task Agent(ReplayTurns turns, int agent, Action act, Action? onError = null) => Driven.Aside(() =>
    {
        try
        {
            turns.Begin(agent);
            act();
        }
        catch
        {
            onError?.Invoke();
            throw;
        }
        finally
        {
            turns.TryLeave(agent);
        }
    });
}
