namespace Determinism.Conformance;

/// <summary>What every <see cref="IVcpuScheduler"/> does, whether it makes an order or keeps one.</summary>
public abstract class VcpuSchedulerSpecification : ConformanceSpecification
{
    private IVcpuScheduler? _made;

    /// <summary>The scheduler under test.</summary>
    /// <param name="agentCount">Number of agents, all of them vCPUs.</param>
    protected abstract IVcpuScheduler Create(int agentCount);

    /// <summary>A session asks once.</summary>
    [Fact]
    public void What_it_says_of_itself_does_not_change() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        (OwnershipScope, SharingPolicy, bool) before = (scheduler.Scope, scheduler.Sharing, scheduler.MayDelay);
        Assert.True(scheduler.Scope is OwnershipScope.Frames or OwnershipScope.Machine, "There is no such scope.");
        Assert.True(scheduler.Sharing.HoldTime >= TimeSpan.Zero && scheduler.Sharing.Turn >= TimeSpan.Zero,
            "No time of a policy is negative.");
        Enter(scheduler, 0, 5, RunSlice.Unlimited);
        scheduler.End(1);
        Assert.Equal(before, (scheduler.Scope, scheduler.Sharing, scheduler.MayDelay));
    });

    /// <summary>On replay the stop is where the next event is: beyond it lies another run.</summary>
    [Fact]
    public void Nobody_runs_further_than_allowed() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        for (ulong count = 0; count < 300; count++)
        {
            RunSlice slice = Enter(scheduler, (int)(count & 1), count, count + 1 + (count % 7));
            Assert.True(slice.StopAt <= count + 1 + (count % 7), $"At {count} it may run to {slice.StopAt}.");
        }
    });

    /// <summary>A slice of nothing would be a livelock.</summary>
    [Fact]
    public void Whoever_may_run_may_run_a_little() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        for (ulong count = 0; count < 300; count++)
            Assert.True(Enter(scheduler, 0, count, RunSlice.Unlimited).StopAt > count, $"At {count} it may not go on.");
    });

    /// <summary>No vCPU starves.</summary>
    [Fact]
    public void Everybody_is_let_in() => Within(() =>
    {
        const int Agents = 4;
        IVcpuScheduler scheduler = Make(Agents);
        Task[] vcpus = [.. Enumerable.Range(0, Agents).Select(agent => Aside.Run(() =>
        {
            for (ulong entry = 1; entry <= 100; entry++)
            {
                scheduler.Enter(agent, new ExecutionPoint(entry, 0, 0, 0), RunSlice.Unlimited);
                scheduler.Publish(agent, entry);
            }
            scheduler.End(agent);
        }))];
        Aside.Finish(Patience, "A vCPU's entries", vcpus);
    });

    /// <summary>One vCPU may end long before the others.</summary>
    [Fact]
    public void The_end_of_one_leaves_the_others() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(3);
        scheduler.End(1);
        for (ulong entry = 1; entry <= 50; entry++)
        {
            Enter(scheduler, 0, entry, RunSlice.Unlimited);
            Enter(scheduler, 2, entry, RunSlice.Unlimited);
        }
    });

    /// <summary>A session that ends must not leave threads behind.</summary>
    [Fact]
    public void Nobody_is_kept_after_an_abort() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        scheduler.Abort();
        scheduler.Abort();
        for (ulong entry = 1; entry <= 50; entry++)
            Enter(scheduler, 0, entry, RunSlice.Unlimited);
    });

    private protected IVcpuScheduler Make(int agentCount) => _made = Create(agentCount);

    private protected override void GiveUp() => _made?.Abort();

    private RunSlice Enter(IVcpuScheduler scheduler, int agent, ulong count, ulong stopAt)
    {
        Task<RunSlice> entry = Aside.Run(() => scheduler.Enter(agent, new ExecutionPoint(count, 0, 0, 0), stopAt));
        Aside.Finish(Patience, $"The entry of vCPU {agent}", entry);
        return entry.Result;
    }
}
