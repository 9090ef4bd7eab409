using System.Reflection;

namespace Determinism.Conformance;

/// <summary>What every backend does: enough for serialised recording. Memory that the monitor and the guest share, exits
/// and inputs in program order, points and states that two runs have in common.</summary>
public abstract class SerialBackendSpecification : BackendSpecification
{
    /// <summary>What the backend can do.</summary>
    protected abstract ConformanceLevel Level { get; }

    /// <summary>Where the classes are that derive from the other specifications of the level.</summary>
    protected virtual Assembly OtherSpecifications => GetType().Assembly;

    /// <summary>A level without its facts is a claim: whoever can do more derives from more.</summary>
    [Fact]
    public void The_other_specifications_of_the_level_are_run() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Exit(1));
        var needed = new List<Type>();
        if (Level >= ConformanceLevel.Parallel)
            needed.Add(typeof(ParallelBackendSpecification));
        if (Level >= ConformanceLevel.Asynchronous)
            needed.Add(typeof(AsynchronousBackendSpecification));
        if (run.Backend is IForcedExit)
            needed.Add(typeof(ForcedExitSpecification));
#pragma warning disable IL2026 // What a trimmed test leaves out, its runner would not find either.
        Type[] here = OtherSpecifications.GetTypes();
#pragma warning restore IL2026
        foreach (Type specification in needed)
        {
            Assert.True(here.Any(type => !type.IsAbstract && specification.IsAssignableFrom(type)),
                $"The backend is for {specification.Name} too, and nothing in {OtherSpecifications.GetName().Name} derives from it.");
        }
    });

    /// <summary>A claim that the machine does not keep makes logs that do not replay; a claim that it does not make keeps
    /// users from what it could do.</summary>
    [Fact]
    public void The_capabilities_are_those_of_the_level() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Exit(1));
        BackendCapabilities claims = run.Backend.Capabilities;
        Assert.False(string.IsNullOrWhiteSpace(claims.Identity));
        Assert.False(string.IsNullOrWhiteSpace(claims.ProcessorIdentity));
        Assert.InRange(claims.MaximumVcpus, 1, 254);
        Assert.InRange(run.Backend.StateBytes, 1, 4096);
        ConformanceLevel claimed = !claims.CanProtectFrames || !claims.CanStopVcpu ? ConformanceLevel.Serial : claims.Clock switch
        {
            ClockKind.None => ConformanceLevel.Serial,
            ClockKind.SoftwareCounter => ConformanceLevel.Parallel,
            _ => ConformanceLevel.Asynchronous,
        };
        Assert.Equal(Level, claimed);
    });

    /// <summary>They go into the log's header, and a replay compares them.</summary>
    [Fact]
    public void The_capabilities_of_two_machines_are_the_same() => Within(() =>
    {
        using GuestRun first = Start(AccessRight.ReadWrite, GuestStep.Exit(1));
        using GuestRun second = Start(AccessRight.ReadWrite, GuestStep.Exit(1));
        BackendCapabilities before = first.Backend.Capabilities;
        first.Finish();
        Assert.Equal(before, first.Backend.Capabilities);
        Assert.Equal(before, second.Backend.Capabilities);
        Assert.Equal(first.Backend.StateBytes, second.Backend.StateBytes);
    });

    /// <summary>A machine that cannot be replayed says so before it runs.</summary>
    [Fact]
    public void A_preflight_check_finds_nothing_here() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Exit(1));
        if (run.Backend is IPreflightCheck check)
        {
            Assert.Empty(check.FindObstacles());
            Assert.Empty(check.FindObstacles());
        }
        Assert.Equal(1U, run.RunThroughFaults().Code);
    });

    /// <summary>Any byte, any length, over the edges of frames.</summary>
    [Fact]
    public void Memory_that_the_monitor_writes_it_reads_back() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.None, GuestStep.Exit(1));
        var written = new byte[(2 << PageShift) + 13];
        for (int at = 0; at < written.Length; at++)
            written[at] = (byte)(at * 7);
        run.Backend.WriteMemory(Word(0) + 5, written);
        var read = new byte[written.Length];
        run.Backend.ReadMemory(Word(0) + 5, read);
        Assert.Equal(written, read);
        run.Backend.WriteMemory(Word(0), default);
        run.Backend.ReadMemory(Word(0), default);
        var before = new byte[5];
        run.Backend.ReadMemory(Word(0), before);
        Assert.Equal(new byte[5], before);
    });

    /// <summary>Else a device's data would not reach its driver.</summary>
    [Fact]
    public void What_the_monitor_writes_the_guest_reads() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Copy(Word(0), Word(1)), GuestStep.Exit(1),
            GuestStep.Copy(Word(0), Word(2)));
        run.Write(Word(0), 0x1122334455667788);
        run.RunThroughFaults();
        run.Write(Word(0), 99);
        run.Finish();
        Assert.Equal(0x1122334455667788UL, run.Read(Word(1)));
        Assert.Equal(99UL, run.Read(Word(2)));
    });

    /// <summary>Digests of frames would miss what the monitor cannot see.</summary>
    [Fact]
    public void Every_step_does_what_it_says() => Within(() =>
    {
        using GuestRun run = Start(new ConformanceProgram(3,
        [[
            GuestStep.Store(Word(0), 40), GuestStep.Add(Word(0), 2), GuestStep.Copy(Word(0), Word(1, 3)),
            GuestStep.Add(Word(2), 5), GuestStep.Work(10), GuestStep.Input(7, Word(3)), GuestStep.Exit(8),
        ]]), AccessRight.ReadWrite);
        run.Finish();
        Assert.Equal(42UL, run.Read(Word(0)));
        Assert.Equal(42UL, run.Read(Word(1, 3)));
        Assert.Equal(15UL, run.Read(Word(2)));
        // The answers count the exits.
        Assert.Equal(5UL, run.Read(Word(3)));
    });

    /// <summary>An exit that is lost or told twice is another run.</summary>
    [Fact]
    public void Exits_come_in_program_order() => Within(() =>
    {
        using GuestRun run = Start(new ConformanceProgram(2,
            [[GuestStep.Exit(1), GuestStep.Work(3), GuestStep.Exit(2), GuestStep.Exit(3)]]), AccessRight.ReadWrite);
        var codes = new List<uint>();
        GuestExit exit;
        do
        {
            exit = run.RunThroughFaults();
            if (exit.Kind == ExitKind.Synchronous)
                codes.Add(exit.Code);
        }
        while (exit.Code != GuestExit.End);
        Assert.Equal([1, 2, 3, 1, 2, 3, GuestExit.End], codes);
    });

    /// <summary>Inputs are logged and given back in this order.</summary>
    [Fact]
    public void Inputs_are_asked_for_in_order_and_each_gets_its_answer() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite,
            GuestStep.Input(5, Word(0)), GuestStep.Input(6, Word(1)), GuestStep.Input(5, Word(2)));
        foreach (uint code in new uint[] { 5, 6, 5 })
        {
            GuestExit exit = run.RunThroughFaults();
            Assert.Equal((ExitKind.Synchronous, code), (exit.Kind, exit.Code));
            run.Answer(0, code * 1000UL);
        }
        Assert.Equal(GuestExit.End, run.RunThroughFaults().Code);
        Assert.Equal([5000UL, 6000UL, 5000UL], [run.Read(Word(0)), run.Read(Word(1)), run.Read(Word(2))]);
    });

    /// <summary>With rights to everything, nothing is refused: serialised recording takes no fault.</summary>
    [Fact]
    public void Rights_to_everything_let_everything_through() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, TouchingSteps());
        run.Finish();
        Assert.Empty(run.DataFaults);
    });

    /// <summary>Looking at a vCPU must not move it.</summary>
    [Fact]
    public void Looking_twice_sees_the_same() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Work(5), GuestStep.Exit(1), GuestStep.Store(Word(0), 1));
        run.RunThroughFaults();
        (ExecutionPoint point, byte[] state) = (run.Point(), run.State());
        Assert.Equal(point, run.Point());
        Assert.Equal(state, run.State());
        Assert.InRange(state.Length, 1, run.Backend.StateBytes);
        Assert.Equal(GuestExit.End, run.RunThroughFaults().Code);
    });

    /// <summary>Events are placed by it; it never goes back.</summary>
    [Fact]
    public void The_count_never_goes_back() => Within(() =>
    {
        using GuestRun run = Start(new ConformanceProgram(20, [[GuestStep.Work(3), GuestStep.Exit(1)]]), AccessRight.ReadWrite);
        ulong last = run.Point().Count;
        bool counts = run.Backend.Capabilities.Clock != ClockKind.None;
        while (run.RunThroughFaults().Code != GuestExit.End)
        {
            ulong now = run.Point().Count;
            Assert.True(counts ? now > last : now >= last, $"The count went from {last} to {now}.");
            last = now;
        }
    });

    /// <summary>Digests are of states: what a program computes must show in them.</summary>
    [Fact]
    public void Another_answer_makes_another_state() => Within(() =>
    {
        byte[][] states = [.. new ulong[] { 1, 2 }.Select(answer =>
        {
            using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Input(1, Word(0)));
            run.RunThroughFaults();
            run.Answer(0, answer);
            return run.State();
        })];
        Assert.NotEqual(states[0], states[1]);
    });

    /// <summary>Law L3 starts here: nothing of the host in points or states.</summary>
    [Fact]
    public void The_same_program_comes_by_the_same_points_and_states() => Within(() =>
    {
        List<(ExecutionPoint, string)>[] runs = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            using GuestRun run = Start(new ConformanceProgram(5, [TouchingSteps()]), AccessRight.ReadWrite);
            var seen = new List<(ExecutionPoint, string)>();
            GuestExit exit;
            do
            {
                exit = run.RunThroughFaults();
                run.Answer(0, 7);
                seen.Add((run.Point(), BitConverter.ToString(run.State())));
            }
            while (exit.Code != GuestExit.End);
            return seen;
        })];
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(runs[0], runs[2]);
    });

    /// <summary>Each vCPU has its own registers, clock and place.</summary>
    [Fact]
    public void Vcpus_do_not_disturb_each_other() => Within(() =>
    {
        var program = new ConformanceProgram(2,
        [
            [GuestStep.Input(1, Word(0)), GuestStep.Work(4), GuestStep.Exit(2)],
            [GuestStep.Work(2), GuestStep.Input(3, Word(1))],
        ]);
        using GuestRun alone = Start(program, AccessRight.ReadWrite);
        alone.Finish(0);
        using GuestRun together = Start(program, AccessRight.ReadWrite);
        together.RunThroughFaults(0);
        ExecutionPoint between = together.Point(0);
        together.Finish(1);
        Assert.Equal(between, together.Point(0));
        together.Answer(0, 1);
        ulong answers = 1;
        while (together.RunThroughFaults(0).Code != GuestExit.End)
            together.Answer(0, ++answers);
        Assert.Equal(alone.Point(0), together.Point(0));
        Assert.Equal(alone.State(0), together.State(0));
        Assert.Equal(alone.Read(Word(0)), together.Read(Word(0)));
    });

    /// <summary>A host that was told to stop takes its machine with it at any time.</summary>
    [Fact]
    public void A_machine_can_be_disposed_of_at_any_time_and_twice() => Within(() =>
    {
        GuestRun unrun = Start(AccessRight.ReadWrite, GuestStep.Exit(1));
        unrun.Dispose();
        unrun.Dispose();
        GuestRun between = Start(AccessRight.ReadWrite, GuestStep.Exit(1));
        between.RunThroughFaults();
        between.Dispose();
        between.Dispose();
    });

    /// <summary>Whoever records all day makes many of them.</summary>
    [Fact]
    public void Machines_come_and_go() => Within(() =>
    {
        for (int index = 0; index < 20; index++)
        {
            using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Store(Word(0), 5), GuestStep.Copy(Word(0), Word(1)));
            Assert.Equal(0UL, run.Read(Word(1)));
            run.Finish();
            Assert.Equal(5UL, run.Read(Word(1)));
        }
    });

    private GuestStep[] TouchingSteps() =>
    [
        GuestStep.Store(Word(0), 1), GuestStep.Copy(Word(0), Word(1)), GuestStep.Add(Word(2), 3), GuestStep.Work(5),
        GuestStep.Exit(1), GuestStep.Input(2, Word(3)), GuestStep.Copy(Word(3), Word(0)),
    ];
}
