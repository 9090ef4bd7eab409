namespace Determinism.Conformance;

/// <content>Several vCPUs at once.</content>
public abstract partial class ParallelBackendSpecification
{
    /// <summary>Rounds of each vCPU under stress.</summary>
    protected virtual int StressRounds => 300;

    /// <summary>A lock around the machine would make recording serial.</summary>
    [Fact]
    public void Vcpus_run_at_the_same_time()
    {
        using GuestRun run = Start(new ConformanceProgram(1,
            [[GuestStep.Work(Long), GuestStep.Exit(1)], [GuestStep.Work(100), GuestStep.Exit(2)]]), AccessRight.ReadWrite);
        Task<GuestExit> endless = Aside.Run(() => run.Run(0));
        Assert.Equal(2U, run.RunAside(1).Code);
        Assert.False(endless.IsCompleted, "The vCPU that never ends has left.");
        run.Backend.RequestExit(0);
        Aside.Finish(Patience, "The exit that was asked for", endless);
    }

    /// <summary>Requests from many threads at bad moments.</summary>
    [Fact]
    public void Requests_at_any_moment_do_no_harm()
    {
        ConformanceProgram program = new(StressRounds, [[GuestStep.Add(Word(0), 3), GuestStep.Work(20), GuestStep.Exit(1)]]);
        using GuestRun quiet = Start(program, AccessRight.ReadWrite);
        quiet.Finish();
        using GuestRun disturbed = Start(program, AccessRight.ReadWrite);
        bool isOver = false;
        Task[] askers = [.. Enumerable.Range(0, 2).Select(_ => Aside.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                disturbed.Backend.RequestExit(0);
                Thread.Yield();
            }
        }))];
        Task vcpu = Aside.Run(() => disturbed.Finish());
        try
        {
            Aside.Finish(TimeSpan.FromTicks(3 * Patience.Ticks), "The vCPU", vcpu);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            Task.WaitAll(askers);
        }
        Assert.Equal(quiet.Point(), disturbed.Point());
        Assert.Equal(quiet.State(), disturbed.State());
        Assert.Equal(3UL * (ulong)StressRounds, disturbed.Read(Word(0)));
    }

    /// <summary>The whole protocol on real threads: frames change hands, and no write is lost. A vCPU reads, adds and writes
    /// in steps of its own; what keeps the others out in between is the frame.</summary>
    [Fact]
    public void Frames_change_hands_under_stress()
    {
        var program = new ConformanceProgram(StressRounds, [.. Enumerable.Range(0, 3).Select(vcpu => (GuestStep[])
        [
            GuestStep.Add(Word(0), 1), GuestStep.Work((ulong)(3 + vcpu)), GuestStep.Add(Word(1, vcpu), 1),
            GuestStep.Copy(Word(0), Word(2, vcpu)), GuestStep.Exit(1),
        ])]);
        using GuestRun run = Start(program, AccessRight.None);
        var parallel = new ParallelRun(run, vcpus: 3, Frame(0), DataFrames, PageShift);
        Task[] vcpus = parallel.Start();
        Aside.Finish(TimeSpan.FromTicks(6 * Patience.Ticks), "A vCPU under stress", vcpus);
        Assert.Equal(3UL * (ulong)StressRounds, run.Read(Word(0)));
        for (int vcpu = 0; vcpu < 3; vcpu++)
        {
            Assert.Equal((ulong)StressRounds, run.Read(Word(1, vcpu)));
            Assert.InRange(run.Read(Word(2, vcpu)), (ulong)StressRounds, 3 * (ulong)StressRounds);
        }
        Assert.Empty(parallel.Violations);
        Assert.True(parallel.Reductions > 0, "No frame ever changed hands.");
    }
}
