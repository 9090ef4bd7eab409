namespace Determinism.Conformance;

/// <content>Stops: by request, and at counts.</content>
public abstract partial class ParallelBackendSpecification
{
    /// <summary>A loser that does not leave keeps the winner waiting.</summary>
    [Fact]
    public void A_running_vcpu_leaves_when_it_is_asked() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Work(Long), GuestStep.Exit(1));
        for (int round = 0; round < 20; round++)
        {
            Task<GuestExit> inside = Aside.Run(() => run.Run());
            if (round % 2 == 0)
                Aside.StillWaits(inside, "It left by itself.");
            run.Ask(0);
            Aside.Finish(Patience, "The exit that was asked for", inside);
            Assert.Equal(ExitKind.Stopped, inside.Result.Kind);
        }
    });

    /// <summary>The request may come while the vCPU is on its way in.</summary>
    [Fact]
    public void A_request_that_comes_before_the_entry_is_not_lost() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Work(Long), GuestStep.Exit(1));
        run.Ask(0);
        Assert.Equal(ExitKind.Stopped, run.RunAside(0).Kind);
    });

    /// <summary>Else a vCPU would never get on.</summary>
    [Fact]
    public void A_request_is_used_up_by_one_exit() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Work(100), GuestStep.Exit(1), GuestStep.Work(100));
        run.Ask(0);
        run.Ask(0);
        Assert.Equal(ExitKind.Stopped, run.RunAside(0).Kind);
        Assert.Equal(1U, run.RunAside(0).Code);
        Assert.Equal(GuestExit.End, run.RunAside(0).Code);
    });

    /// <summary>Two vCPUs, two requests.</summary>
    [Fact]
    public void A_request_stops_nobody_else() => Within(() =>
    {
        using GuestRun run = Start(new ConformanceProgram(1,
            [[GuestStep.Work(Long), GuestStep.Exit(1)], [GuestStep.Work(50), GuestStep.Exit(2)]]), AccessRight.ReadWrite);
        run.Ask(0);
        Assert.Equal(2U, run.RunAside(1).Code);
        Assert.Equal(ExitKind.Stopped, run.RunAside(0).Kind);
    });

    /// <summary>Replay stops where the recording was stopped.</summary>
    [Fact]
    public void A_stop_is_at_the_count_that_was_asked_for() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Work(60), GuestStep.Exit(1));
        for (ulong count = run.Point().Count + 1; ; count++)
        {
            GuestExit exit = run.RunFree(stopAt: count);
            Assert.True(run.Point().Count <= count, $"Asked to stop at {count}, it ran to {run.Point().Count}.");
            if (exit.Kind != ExitKind.Stopped)
                break;
            Assert.Equal(count, run.Point().Count);
        }
    });

    /// <summary>A count that lies behind is reached already.</summary>
    [Fact]
    public void A_stop_that_lies_behind_is_at_the_next_place() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Work(Long), GuestStep.Exit(1));
        run.Run(stopAt: 20);
        ulong here = run.Point().Count;
        Assert.Equal(ExitKind.Stopped, run.RunAside(0, stopAt: 3).Kind);
        Assert.InRange(run.Point().Count, here, here + 1);
    });

    /// <summary>What stops a vCPU leaves no trace in it: points name instants of the guest alone (law L7).</summary>
    [Fact]
    public void Stops_leave_no_trace() => Within(() =>
    {
        ConformanceProgram program = new(30, [[GuestStep.Add(Word(0), 3), GuestStep.Work(9), GuestStep.Copy(Word(0), Word(1))]]);
        using GuestRun through = Start(program, AccessRight.ReadWrite);
        through.Finish();
        using GuestRun stopped = Start(program, AccessRight.ReadWrite);
        var random = new SeededRandom(5);
        int stops = 0;
        while (stopped.RunFree(stopAt: stopped.Point().Count + 1 + (ulong)random.Below(12)).Code != GuestExit.End)
        {
            stops++;
            if (random.OneIn(3))
                stopped.Ask(0);
        }
        Assert.True(stops > 10, "It was hardly ever stopped.");
        Assert.Equal(through.Point(), stopped.Point());
        Assert.Equal(through.State(), stopped.State());
        Assert.Equal(through.Read(Word(1)), stopped.Read(Word(1)));
    });

    /// <summary>A point of a recording is the same instant in a replay.</summary>
    [Fact]
    public void The_same_count_is_the_same_point_in_another_run() => Within(() =>
    {
        ConformanceProgram program = new(10, [[GuestStep.Add(Word(0), 3), GuestStep.Work(7), GuestStep.Copy(Word(0), Word(1))]]);
        using GuestRun recorded = Start(program, AccessRight.ReadWrite);
        var random = new SeededRandom(6);
        while (recorded.RunFree(stopAt: recorded.Point().Count + 1 + (ulong)random.Below(9)) is { Kind: ExitKind.Stopped })
        {
            if (recorded.Point().Count == 0)
                continue;
            using GuestRun replayed = Start(program, AccessRight.ReadWrite);
            Assert.Equal(ExitKind.Stopped, replayed.Run(stopAt: recorded.Point().Count).Kind);
            Assert.Equal(recorded.Point(), replayed.Point());
            Assert.Equal(recorded.State(), replayed.State());
            Assert.Equal(recorded.Read(Word(0)), replayed.Read(Word(0)));
        }
    });

    /// <summary>Faults are no part of a guest's time.</summary>
    [Fact]
    public void Faults_do_not_count() => Within(() =>
    {
        ConformanceProgram program = new(5, [[GuestStep.Add(Word(0), 3), GuestStep.Work(7), GuestStep.Copy(Word(0), Word(1))]]);
        using GuestRun free = Start(program, AccessRight.ReadWrite);
        free.Finish();
        using GuestRun faulting = Start(program, AccessRight.None);
        faulting.Finish();
        Assert.NotEmpty(faulting.DataFaults);
        Assert.Equal(free.Point(), faulting.Point());
        Assert.Equal(free.State(), faulting.State());
    });
}
