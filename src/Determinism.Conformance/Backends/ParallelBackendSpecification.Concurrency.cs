namespace Determinism.Conformance;

/// <content>Several vCPUs at once.</content>
public abstract partial class ParallelBackendSpecification
{
    /// <summary>Rounds of each vCPU under stress.</summary>
    protected virtual int StressRounds => 300;

    /// <summary>A lock around the machine would make recording serial.</summary>
    [Fact]
    public void Vcpus_run_at_the_same_time() => Within(() =>
    {
        using GuestRun run = Start(new ConformanceProgram(1,
            [[GuestStep.Exit(1), GuestStep.Work(Long)], [GuestStep.Work(100), GuestStep.Exit(2)]]), AccessRight.ReadWrite);
        Assert.Equal(1U, run.RunAside(0).Code);
        Task<GuestExit> endless = Aside.Run(() => run.Run(0));
        Aside.StillWaits(endless, "It left by itself.");
        Assert.Equal(2U, run.RunAside(1).Code);
        Assert.False(endless.IsCompleted, "The vCPU that never ends has left.");
        run.Ask(0);
        Aside.Finish(Patience, "The exit that was asked for", endless);
    });

    /// <summary>Requests from many threads at bad moments.</summary>
    [Fact]
    public void Requests_at_any_moment_do_no_harm() => Within(() =>
    {
        ConformanceProgram program = new(StressRounds, [[GuestStep.Add(Word(0), 3), GuestStep.Work(20), GuestStep.Exit(1)]]);
        using GuestRun quiet = Start(program, AccessRight.ReadWrite);
        quiet.Finish();
        using GuestRun disturbed = Start(program, AccessRight.ReadWrite);
        // One before it runs, so that there is one in every run; no more than it can get through, whoever is faster.
        disturbed.Ask(0);
        Task[] all = [Aside.Run(() => disturbed.Finish()), .. Enumerable.Range(0, 2).Select(_ => Aside.Run(() =>
        {
            for (int request = 0; request < 10 * StressRounds; request++)
            {
                disturbed.Ask(0);
                Thread.Yield();
            }
        }))];
        Aside.Finish(TimeSpan.FromTicks(3 * Patience.Ticks), "The vCPU, or who asks it to leave,", all);
        Assert.Equal(quiet.Point(), disturbed.Point());
        Assert.Equal(quiet.State(), disturbed.State());
        Assert.Equal(3UL * (ulong)StressRounds, disturbed.Read(Word(0)));
    });

    /// <summary>The whole protocol on real threads: frames change hands, no write is lost, and nobody writes or reads what it
    /// has no right to. Two vCPUs write and one reads; each has words of its own in the frames that they share.</summary>
    [Fact]
    public void Frames_change_hands_under_stress() => Within(() =>
    {
        const int Vcpus = 3, Reader = 2, Shared = Vcpus;
        var program = new ConformanceProgram(StressRounds, [.. Enumerable.Range(0, Vcpus).Select(vcpu => (GuestStep[])
        [
            // What it loses where it is stopped, in its work, it accesses next.
            GuestStep.Work((ulong)(2000 + vcpu)),
            .. vcpu == Reader ? [] : new[] { GuestStep.Add(Word(0, Shared), 1), GuestStep.Add(Word(0, vcpu), 1) },
            GuestStep.Add(Word(1, vcpu), 1), GuestStep.Copy(Word(0, Shared), Word(2, vcpu)), GuestStep.Exit(1),
        ])]);
        using GuestRun run = Start(program, AccessRight.None);
        var contents = new FrameContents(run, Vcpus, Frame(0), DataFrames, PageShift)
        {
            Copies = (Word(0, Shared), vcpu => Word(2, vcpu)),
        };
        var parallel = new ParallelRun(run, Vcpus, Frame(0), DataFrames, PageShift, contents);
        try
        {
            Aside.Finish(TimeSpan.FromTicks(6 * Patience.Ticks), "A vCPU under stress", parallel.Start());
        }
        finally
        {
            parallel.Abort();
        }
        contents.OnEnd();
        Assert.Empty(contents.Violations);
        Assert.Equal(2UL * (ulong)StressRounds, run.Read(Word(0, Shared)));
        for (int vcpu = 0; vcpu < Vcpus; vcpu++)
        {
            Assert.Equal(vcpu == Reader ? 0 : (ulong)StressRounds, run.Read(Word(0, vcpu)));
            Assert.Equal((ulong)StressRounds, run.Read(Word(1, vcpu)));
            Assert.InRange(run.Read(Word(2, vcpu)), vcpu == Reader ? 0 : (ulong)StressRounds, 2 * (ulong)StressRounds);
        }
        Assert.Empty(parallel.Violations);
        Assert.True(parallel.Reductions > 0, "No frame ever changed hands.");
    });
}
