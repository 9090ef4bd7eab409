namespace Determinism.Conformance;

/// <summary>What a backend does with which vCPUs are recorded in parallel: rights of each vCPU and frame, faults that have
/// done nothing, stops at places that its clock names.</summary>
public abstract partial class ParallelBackendSpecification : BackendSpecification
{
    private const ulong Long = ulong.MaxValue >> 2;

    /// <summary>Who may not read a frame does not.</summary>
    [Fact]
    public void A_frame_without_a_right_cannot_be_read() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.None, GuestStep.Copy(Word(0), Word(1)));
        run.SetRight(0, Frame(1), AccessRight.ReadWrite);
        GuestExit exit = run.Run();
        Assert.Equal(ExitKind.Fault, exit.Kind);
        Assert.True(run.Tells(exit, Frame(0), AccessRight.Read), "The fault does not tell the frame.");
    });

    /// <summary>Who may not write a frame does not, even if it may read it.</summary>
    [Fact]
    public void A_frame_with_the_right_to_read_cannot_be_written() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.None, GuestStep.Copy(Word(0), Word(1)), GuestStep.Store(Word(0), 5));
        run.SetRight(0, Frame(0), AccessRight.Read);
        run.SetRight(0, Frame(1), AccessRight.ReadWrite);
        GuestExit exit = run.Run();
        Assert.Equal(ExitKind.Fault, exit.Kind);
        Assert.True(run.Tells(exit, Frame(0), AccessRight.ReadWrite), "The fault does not tell that it writes.");
        run.SetRight(0, Frame(0), AccessRight.ReadWrite);
        Assert.Equal(GuestExit.End, run.Run().Code);
        Assert.Equal(5UL, run.Read(Word(0)));
    });

    /// <summary>A read-modify-write reads what it must then own: it needs the frame whole, or two vCPUs could both read
    /// first.</summary>
    [Fact]
    public void An_atomic_addition_needs_the_right_to_write_at_once() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.None, GuestStep.Add(Word(0), 5));
        GuestExit exit = run.Run();
        Assert.True(run.Tells(exit, Frame(0), AccessRight.ReadWrite), "The fault asks for less than the instruction needs.");
        run.SetRight(0, Frame(0), AccessRight.Read);
        Assert.Equal(ExitKind.Fault, run.Run().Kind);
        run.SetRight(0, Frame(0), AccessRight.ReadWrite);
        Assert.Equal(GuestExit.End, run.Run().Code);
        Assert.Equal(5UL, run.Read(Word(0)));
    });

    /// <summary>The instruction will run again from its start.</summary>
    [Fact]
    public void A_fault_has_done_nothing() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.None, GuestStep.Add(Word(0), 5));
        run.Write(Word(0), 37);
        Assert.Equal(ExitKind.Fault, run.Run().Kind);
        (ExecutionPoint point, byte[] state) = (run.Point(), run.State());
        for (int again = 0; again < 3; again++)
        {
            // A right that does not help: a fault that nothing at all has answered may be an error.
            run.SetRight(0, Frame(5), again % 2 == 0 ? AccessRight.Read : AccessRight.None);
            Assert.Equal(ExitKind.Fault, run.Run().Kind);
            Assert.Equal(point, run.Point());
            Assert.Equal(state, run.State());
            Assert.Equal(37UL, run.Read(Word(0)));
        }
        run.SetRight(0, Frame(0), AccessRight.ReadWrite);
        Assert.Equal(GuestExit.End, run.Run().Code);
        Assert.Equal(42UL, run.Read(Word(0)));
    });

    /// <summary>An access may lie in two frames: both are told, and nothing is done unless both are held.</summary>
    [Fact]
    public void A_word_in_two_frames_needs_both() => Within(() =>
    {
        if (!CanStraddle)
            return;
        ulong address = Word(1) - 4;
        using GuestRun run = Start(AccessRight.None, GuestStep.Store(address, ulong.MaxValue));
        GuestExit exit = run.Run();
        Assert.True(run.Tells(exit, Frame(0), AccessRight.ReadWrite) && run.Tells(exit, Frame(1), AccessRight.ReadWrite),
            "The fault does not tell both frames.");
        run.SetRight(0, Frame(0), AccessRight.ReadWrite);
        Assert.Equal(ExitKind.Fault, run.Run().Kind);
        Assert.Equal(0UL, run.Read(address));
        run.SetRight(0, Frame(0), AccessRight.None);
        run.SetRight(0, Frame(1), AccessRight.ReadWrite);
        Assert.Equal(ExitKind.Fault, run.Run().Kind);
        Assert.Equal(0UL, run.Read(address));
        run.SetRight(0, Frame(0), AccessRight.ReadWrite);
        Assert.Equal(GuestExit.End, run.Run().Code);
        Assert.Equal(ulong.MaxValue, run.Read(address));
    });

    /// <summary>A right is one vCPU's and one frame's.</summary>
    [Fact]
    public void A_right_is_nobody_elses_and_for_no_other_frame() => Within(() =>
    {
        using GuestRun run = Start(new ConformanceProgram(1,
        [
            [GuestStep.Store(Word(1), 1), GuestStep.Store(Word(2), 2)],
            [GuestStep.Store(Word(1), 3)],
        ]), AccessRight.None);
        run.SetRight(0, Frame(1), AccessRight.ReadWrite);
        GuestExit second = run.Run(1);
        Assert.True(second.Kind == ExitKind.Fault && run.Tells(second, Frame(1), AccessRight.ReadWrite),
            "A vCPU used the right of another.");
        GuestExit first = run.Run(0);
        Assert.True(first.Kind == ExitKind.Fault && run.Tells(first, Frame(2), AccessRight.ReadWrite),
            "A right reached a frame that it is not for.");
        Assert.Equal(1UL, run.Read(Word(1)));
    });

    /// <summary>The first and last word of a frame are in it; the words around it are not.</summary>
    [Fact]
    public void A_right_covers_its_frame_and_no_more() => Within(() =>
    {
        int last = (1 << PageShift) / 8 - 1;
        using GuestRun run = Start(AccessRight.None, GuestStep.Store(Word(2), 1), GuestStep.Store(Word(2, last), 2),
            GuestStep.Store(Word(2, last + 1), 3));
        run.SetRight(0, Frame(2), AccessRight.ReadWrite);
        Assert.True(run.Tells(run.Run(), Frame(3), AccessRight.ReadWrite), "It did not stop at the frame's end.");
        Assert.Equal((1UL, 2UL, 0UL), (run.Read(Word(2)), run.Read(Word(2, last)), run.Read(Word(2, last + 1))));
    });

    /// <summary>A reduction is complete when the call returns (law L1): the next access faults, whoever took it.</summary>
    [Fact]
    public void A_right_that_was_taken_is_gone_when_the_call_returns() => Within(() =>
    {
        const int Rounds = 200;
        using GuestRun run = Start(new ConformanceProgram(Rounds, [[GuestStep.Add(Word(0), 1), GuestStep.Exit(1)]]),
            AccessRight.None);
        for (ulong round = 1; round <= Rounds; round++)
        {
            Assert.Equal(ExitKind.Fault, run.Run().Kind);
            run.SetRight(0, Frame(0), AccessRight.ReadWrite);
            Assert.Equal(1U, run.Run().Code);
            // By somebody else, while the vCPU is outside: as a winner does to a parked loser.
            Aside.Finish(Patience, "A reduction", Aside.Run(() =>
                run.SetRight(0, Frame(0), round % 2 == 0 ? AccessRight.None : AccessRight.Read)));
            Assert.Equal(round, run.Read(Word(0)));
        }
    });

    /// <summary>Reducing to reading takes writing alone.</summary>
    [Fact]
    public void A_writer_that_was_reduced_to_reading_still_reads() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.None, GuestStep.Store(Word(0), 9), GuestStep.Exit(1),
            GuestStep.Copy(Word(0), Word(1)), GuestStep.Store(Word(0), 1));
        run.SetRight(0, Frame(0), AccessRight.ReadWrite);
        run.SetRight(0, Frame(1), AccessRight.ReadWrite);
        Assert.Equal(1U, run.Run().Code);
        run.SetRight(0, Frame(0), AccessRight.Read);
        Assert.True(run.Tells(run.Run(), Frame(0), AccessRight.ReadWrite), "It did not stop at the write.");
        Assert.Equal(9UL, run.Read(Word(1)));
    });

    /// <summary>A session that starts takes everything; one that ends may give everything.</summary>
    [Fact]
    public void Rights_to_all_frames_replace_all_rights() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Store(Word(0), 1), GuestStep.Exit(1),
            GuestStep.Store(Word(0), 2), GuestStep.Exit(2), GuestStep.Store(Word(0), 3));
        Assert.Equal(1U, run.Run().Code);
        run.Backend.SetAllRights(AccessRight.None);
        Assert.Equal(ExitKind.Fault, run.Run().Kind);
        run.Backend.SetAllRights(AccessRight.ReadWrite);
        Assert.Equal(2U, run.Run().Code);
        Assert.Equal(GuestExit.End, run.Run().Code);
        Assert.Equal(3UL, run.Read(Word(0)));
    });

    /// <summary>Devices go past rights: they hold them.</summary>
    [Fact]
    public void The_monitor_reads_and_writes_past_all_rights() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.None, GuestStep.Copy(Word(0), Word(1)));
        run.Write(Word(0), 7);
        Assert.Equal(7UL, run.Read(Word(0)));
        run.SetRight(0, Frame(0), AccessRight.Read);
        run.SetRight(0, Frame(1), AccessRight.ReadWrite);
        run.Write(Word(0), 8);
        Assert.Equal(GuestExit.End, run.Run().Code);
        Assert.Equal(8UL, run.Read(Word(1)));
    });
}
