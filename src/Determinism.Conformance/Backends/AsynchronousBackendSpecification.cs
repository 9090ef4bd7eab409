namespace Determinism.Conformance;

/// <summary>What a backend does besides whose clock stops a vCPU anywhere: between any two instructions, exactly.</summary>
/// <remarks>For clocks whose count moves with every instruction (<see cref="ClockKind.RetiredInstructions"/>): the facts, like
/// the sessions of today, find a stop by its count alone. With another clock they fail and say so.</remarks>
public abstract class AsynchronousBackendSpecification : BackendSpecification
{
    private const ulong Long = ulong.MaxValue >> 2;

    /// <summary>Every count has a stop, and each stop is the instant that it was in another run (law L7).</summary>
    [Fact]
    public void Every_count_is_a_stop_and_the_same_instant_again() => Within(() =>
    {
        GuestStep[] steps = Steps();
        using GuestRun single = Start(AccessRight.ReadWrite, steps);
        for (ulong count = single.Point().Count + 1; ; count++)
        {
            GuestExit exit = single.RunFree(stopAt: count);
            Assert.Equal(count, single.Point().Count);
            if (exit.Kind != ExitKind.Stopped)
                break;
            using GuestRun direct = Start(AccessRight.ReadWrite, steps);
            Assert.Equal(ExitKind.Stopped, direct.Run(stopAt: count).Kind);
            Assert.Equal(single.Point(), direct.Point());
            Assert.Equal(single.State(), direct.State());
            Assert.Equal((single.Read(Word(0)), single.Read(Word(1))), (direct.Read(Word(0)), direct.Read(Word(1))));
        }
    });

    /// <summary>An exit's instruction is counted already: whoever wants to stop before it stops one count earlier.</summary>
    [Fact]
    public void A_stop_before_an_exit_comes_before_it() => Within(() =>
    {
        using GuestRun first = Start(AccessRight.ReadWrite, GuestStep.Store(Word(0), 1), GuestStep.Exit(1));
        Assert.Equal(1U, first.Run().Code);
        ulong at = first.Point().Count;
        using GuestRun second = Start(AccessRight.ReadWrite, GuestStep.Store(Word(0), 1), GuestStep.Exit(1));
        Assert.Equal(ExitKind.Stopped, second.Run(stopAt: at - 1).Kind);
        Assert.Equal(at - 1, second.Point().Count);
        Assert.Equal(1U, second.Run(stopAt: at).Code);
        Assert.Equal(at, second.Point().Count);
    });

    /// <summary>Where it stands is where it is to stop: nothing runs.</summary>
    [Fact]
    public void A_stop_at_the_present_count_runs_nothing() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Store(Word(0), 1), GuestStep.Store(Word(1), 2));
        GuestExit exit = run.Run(stopAt: run.Point().Count + 1);
        Assert.Equal(ExitKind.Stopped, exit.Kind);
        ExecutionPoint here = run.Point();
        Assert.Equal(ExitKind.Stopped, run.Run(stopAt: here.Count).Kind);
        Assert.Equal(ExitKind.Stopped, run.Run(stopAt: here.Count - 1).Kind);
        Assert.Equal(here, run.Point());
    });

    /// <summary>Before an instruction that would fault, a stop is a stop: no right is asked for that the run does not come
    /// to need.</summary>
    [Fact]
    public void A_stop_before_a_fault_comes_before_it() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.None, GuestStep.Store(Word(0), 1), GuestStep.Store(Word(1), 2));
        run.SetRight(0, Frame(0), AccessRight.ReadWrite);
        Assert.Equal(ExitKind.Fault, run.Run().Kind);
        ulong at = run.Point().Count;
        GuestExit stop = run.Run(stopAt: at);
        Assert.Equal(ExitKind.Stopped, stop.Kind);
        Assert.Equal(at, run.Point().Count);
    });

    /// <summary>A request stops a vCPU wherever it is, and where it was stopped can be found again.</summary>
    [Fact]
    public void Where_a_request_stops_a_vcpu_another_run_stops_too() => Within(() =>
    {
        GuestStep[] steps = [GuestStep.Store(Word(0), 1), GuestStep.Work(Long), GuestStep.Exit(1)];
        for (int round = 0; round < 5; round++)
        {
            using GuestRun asked = Start(AccessRight.ReadWrite, steps);
            Task<GuestExit> inside = Aside.Run(() => asked.Run());
            Thread.Yield();
            asked.Ask(0);
            Aside.Finish(Patience, "The exit that was asked for", inside);
            Assert.Equal(ExitKind.Stopped, inside.Result.Kind);
            using GuestRun sent = Start(AccessRight.ReadWrite, steps);
            Assert.Equal(ExitKind.Stopped, sent.RunAside(0, stopAt: asked.Point().Count).Kind);
            Assert.Equal(asked.Point(), sent.Point());
            Assert.Equal(asked.State(), sent.State());
        }
    });

    private protected override void CheckClock(ClockKind clock)
    {
        base.CheckClock(clock);
        Assert.True(clock == ClockKind.RetiredInstructions,
            $"The clock {clock} does not stop a vCPU anywhere: this specification is not for it.");
    }

    private GuestStep[] Steps() =>
    [
        GuestStep.Store(Word(0), 4), GuestStep.Add(Word(0), 2), GuestStep.Copy(Word(0), Word(1)), GuestStep.Work(6),
        GuestStep.Add(Word(1), 1), GuestStep.Exit(1),
    ];
}
