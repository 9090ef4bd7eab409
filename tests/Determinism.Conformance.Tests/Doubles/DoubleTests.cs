namespace Determinism.Conformance.Tests;

/// <summary>What the doubles promise besides passing the specifications.</summary>
public sealed class DoubleTests
{
    [Fact]
    public void The_null_doubles_cost_nothing()
    {
        var tracker = new NullTracker(2, 8);
        using var log = new NullEventLog(2);
        var scheduler = new NullScheduler();
        var backend = new NullBackend();
        var encoded = new byte[8];
        Exercise();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exercise();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Exercise()
        {
            Assert.True(tracker.Acquire(0, [new FrameRequest(1, AccessRight.ReadWrite)]) == AcquireOutcome.AlreadyHeld);
            tracker.Park(0);
            tracker.Serve(0);
            log.Append(0, encoded);
            scheduler.Enter(0, default, 5);
            scheduler.Publish(0, 1);
            backend.SetRight(0, 1, AccessRight.Read);
            backend.ReadPoint(0);
        }
    }

    [Fact]
    public void Flaky_doubles_fail_as_often_as_they_are_told_and_the_same_for_the_same_seed()
    {
        List<int>[] failures = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            using var log = new FlakyEventLog(new InMemoryEventLog(1),
                new FlakyOptions { Seed = 3, DelayOneIn = 0, FailOneIn = 10 });
            return Enumerable.Range(0, 1000).Where(
                _ => Record.Exception(() => log.Append(0, [1])) is InjectedFailureException).ToList();
        })];
        Assert.Equal(failures[0], failures[1]);
        Assert.InRange(failures[0].Count, 50, 200);
    }

    [Fact]
    public void A_failed_append_has_appended_nothing()
    {
        var inner = new InMemoryEventLog(1);
        using var log = new FlakyEventLog(inner, new FlakyOptions { DelayOneIn = 0, FailOneIn = 3 });
        int appended = Enumerable.Range(0, 300).Count(_ => Record.Exception(() => log.Append(0, [1])) is null);
        Assert.InRange(appended, 100, 299);
        Assert.Equal(appended, inner.ReadEvents(0, 0).Length);
    }

    [Fact]
    public void A_flaky_machine_leaves_for_the_host_now_and_then()
    {
        using var machine = new FlakyMachine(
            new ScriptedMachine(ConformanceProgram.Of(GuestStep.Work(10)), ClockKind.SoftwareCounter),
            new FlakyOptions { DelayOneIn = 3 });
        Assert.Contains(Enumerable.Range(0, 50), _ => machine.Run(0, new RunSlice(1)).Kind == ExitKind.Host);
    }

    [Fact]
    public void A_flaky_machine_gets_on_however_often_it_leaves()
    {
        using var machine = new FlakyMachine(
            new ScriptedMachine(ConformanceProgram.Of(GuestStep.Work(10)), ClockKind.SoftwareCounter),
            new FlakyOptions { DelayOneIn = 1 });
        Assert.Equal([ExitKind.Host, ExitKind.Synchronous],
            Enumerable.Range(0, 2).Select(_ => machine.Run(0, new RunSlice(RunSlice.Unlimited)).Kind));
    }

    [Fact]
    public void An_exit_of_a_flaky_machine_uses_up_the_request()
    {
        using var machine = new FlakyMachine(
            new ScriptedMachine(ConformanceProgram.Of(GuestStep.Work(10)), ClockKind.SoftwareCounter),
            new FlakyOptions { DelayOneIn = 1 });
        machine.RequestExit(0);
        Assert.Equal([ExitKind.Host, ExitKind.Synchronous],
            Enumerable.Range(0, 2).Select(_ => machine.Run(0, new RunSlice(RunSlice.Unlimited)).Kind));
    }

    [Fact]
    public void A_flaky_machine_is_forced_and_checked_as_the_one_behind_it()
    {
        using var machine = new FlakyMachine(
            new RefusingMachine(ConformanceProgram.Of(GuestStep.Work(10)), ClockKind.SoftwareCounter, 0x4000),
            new FlakyOptions { DelayOneIn = 0 });
        Assert.Single(machine.FindObstacles());
        using var forced = new FlakyMachine(
            new ScriptedMachine(ConformanceProgram.Of(GuestStep.Work(10)), ClockKind.SoftwareCounter),
            new FlakyOptions { DelayOneIn = 0 });
        Assert.Empty(forced.FindObstacles());
        forced.ForceExit(0);
        Assert.Equal([ExitKind.Host, ExitKind.Synchronous],
            Enumerable.Range(0, 2).Select(_ => forced.Run(0, new RunSlice(RunSlice.Unlimited)).Kind));
    }

    [Fact]
    public void What_cannot_be_made_is_refused_at_once()
    {
        ConformanceProgram exit = ConformanceProgram.Of(GuestStep.Exit(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConformanceProgram(0, exit.Vcpus));
        Assert.Throws<ArgumentException>(() => new ConformanceProgram(1, []));
        Assert.Throws<ArgumentException>(() => new ConformanceProgram(1, [[]]));
        Assert.Throws<ArgumentNullException>(() => new ConformanceProgram(1, null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScriptedMachine(exit, (ClockKind)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScriptedMachine(exit, ClockKind.None, pageShift: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScriptedMachine(exit, ClockKind.None, memoryBytes: 4095));
        Assert.Throws<ArgumentException>(
            () => new ScriptedMachine(ConformanceProgram.Of(GuestStep.Store(4089, 1)), ClockKind.None, memoryBytes: 4096));
        Assert.Throws<ArgumentException>(
            () => new ScriptedMachine(ConformanceProgram.Of(GuestStep.Work(0)), ClockKind.None));
        Assert.Throws<ArgumentNullException>(() => new FlakyTracker(null!, new FlakyOptions()));
        Assert.Throws<ArgumentNullException>(() => new FlakyScheduler(new NullScheduler(), null!));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new FlakyScheduler(new NullScheduler(), new FlakyOptions { DelayOneIn = -1 }));
    }

    [Fact]
    public void What_a_fault_told_stays_when_the_vcpu_runs_on()
    {
        using var machine = new ScriptedMachine(
            ConformanceProgram.Of(GuestStep.Store(0x4000, 1), GuestStep.Store(0x5000, 1)), ClockKind.SoftwareCounter);
        GuestExit first = machine.Run(0, new RunSlice(RunSlice.Unlimited));
        machine.SetRight(0, 4, AccessRight.ReadWrite);
        machine.Run(0, new RunSlice(RunSlice.Unlimited));
        Assert.Equal(0x4000UL, first.Accesses.Span[0].Address);
    }

    [Fact]
    public void A_scripted_machine_has_no_branches_to_count() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new ScriptedMachine(ConformanceProgram.Of(GuestStep.Exit(1)), ClockKind.HardwareBranches));
}
