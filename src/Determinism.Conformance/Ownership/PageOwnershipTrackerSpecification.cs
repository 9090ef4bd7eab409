namespace Determinism.Conformance;

/// <summary>What every <see cref="IPageOwnershipTracker"/> does: exclusion, order, economy, progress (laws L1, L2, L4,
/// L5). Derive, and say how yours is made.</summary>
public abstract partial class PageOwnershipTrackerSpecification : ConformanceSpecification
{
    private TrackerUnderTest? _made;

    /// <summary>The tracker under test, of frames that nobody has touched.</summary>
    /// <param name="agentCount">Number of agents.</param>
    /// <param name="frameCount">Number of frames.</param>
    /// <param name="sink">Where to tell what is done; each <see cref="IOwnershipSink.Reduced"/> and
    /// <see cref="IOwnershipSink.Elevated"/> completes one event of its agent.</param>
    protected abstract IPageOwnershipTracker Create(int agentCount, ulong frameCount, IOwnershipSink sink);

    /// <summary>Whether constraints that others imply are left out (law L4).</summary>
    protected virtual bool OmitsImpliedConstraints => true;

    /// <summary>Nobody has touched anything yet.</summary>
    [Fact]
    public void Nobody_has_a_right_at_first() => Within(() =>
    {
        TrackerUnderTest it = Make(3);
        Assert.Equal(3, it.Tracker.AgentCount);
        Assert.Equal(8UL, it.Tracker.FrameCount);
        for (int agent = 0; agent < 3; agent++)
            Assert.Equal(AccessRight.None, it.Tracker.GetRight(agent, 5));
        Assert.Empty(it.Journal.Entries);
    });

    /// <summary>There is nobody to come after.</summary>
    [Fact]
    public void A_first_touch_is_granted_without_constraints() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        Assert.Equal(AcquireOutcome.Granted, it.Touch(0, 3, AccessRight.Read));
        Assert.Equal(AccessRight.Read, it.Tracker.GetRight(0, 3));
        Assert.Equal(AcquireOutcome.Granted, it.Touch(1, 4, AccessRight.ReadWrite));
        Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(1, 4));
        Assert.Equal(0, it.Journal.Constraints);
        it.AssertLawful();
    });

    /// <summary>A stale protection is not an event.</summary>
    [Fact]
    public void A_right_that_is_held_already_makes_no_event() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 3, AccessRight.ReadWrite);
        int before = it.Journal.Entries.Count;
        Assert.Equal(AcquireOutcome.AlreadyHeld, it.Touch(0, 3, AccessRight.ReadWrite));
        Assert.Equal(AcquireOutcome.AlreadyHeld, it.Touch(0, 3, AccessRight.Read));
        Assert.Equal(before, it.Journal.Entries.Count);
    });

    /// <summary>Readers do not take from each other.</summary>
    [Fact]
    public void Readers_share_a_frame() => Within(() =>
    {
        TrackerUnderTest it = Make(3);
        for (int agent = 0; agent < 3; agent++)
            it.Get(agent, 1, AccessRight.Read);
        for (int agent = 0; agent < 3; agent++)
            Assert.Equal(AccessRight.Read, it.Tracker.GetRight(agent, 1));
        Assert.DoesNotContain(it.Journal.Entries, entry => entry.Kind == JournalEntryKind.Reduced);
        it.AssertLawful();
    });

    /// <summary>Nobody else could have touched it.</summary>
    [Fact]
    public void A_lone_reader_becomes_the_writer_by_itself() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.Read);
        it.Get(0, 1, AccessRight.ReadWrite);
        Assert.Equal(0, it.Journal.Constraints);
        it.AssertLawful();
    });

    /// <summary>The writer goes on reading.</summary>
    [Fact]
    public void A_reader_comes_after_the_writer_who_stays_a_reader() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        ulong written = it.Journal.EventCount(0);
        it.Tracker.Park(0);
        it.Get(1, 1, AccessRight.Read);
        Assert.Equal(AccessRight.Read, it.Tracker.GetRight(0, 1));
        Assert.True(it.Journal.IsOrdered(0, written, 1, it.Journal.EventCount(1)), "The read is not ordered after the write.");
        it.AssertLawful();
    });

    /// <summary>Whoever joins other readers reads the same write as they.</summary>
    [Fact]
    public void A_reader_that_joins_others_comes_after_the_last_writer() => Within(() =>
    {
        TrackerUnderTest it = Make(3);
        it.Get(0, 1, AccessRight.ReadWrite);
        ulong written = it.Journal.EventCount(0);
        it.Tracker.Park(0);
        it.Get(1, 1, AccessRight.Read);
        it.Get(2, 1, AccessRight.Read);
        Assert.True(it.Journal.IsOrdered(0, written, 2, it.Journal.EventCount(2)), "The read is not ordered after the write.");
        it.AssertLawful();
    });

    /// <summary>A write after reads must not overtake them on replay.</summary>
    [Fact]
    public void A_writer_comes_after_every_reader() => Within(() =>
    {
        TrackerUnderTest it = Make(4);
        var read = new ulong[3];
        for (int agent = 0; agent < 3; agent++)
        {
            it.Get(agent, 1, AccessRight.Read);
            read[agent] = it.Journal.EventCount(agent);
            it.Tracker.Park(agent);
        }
        it.Get(3, 1, AccessRight.ReadWrite);
        for (int agent = 0; agent < 3; agent++)
        {
            Assert.Equal(AccessRight.None, it.Tracker.GetRight(agent, 1));
            Assert.True(it.Journal.IsOrdered(agent, read[agent], 3, it.Journal.EventCount(3)),
                $"The write is not ordered after the read of agent {agent}.");
        }
        it.AssertLawful();
    });

    /// <summary>An upgrade is a write too.</summary>
    [Fact]
    public void A_reader_that_writes_comes_after_the_other_readers() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.Read);
        it.Get(1, 1, AccessRight.Read);
        ulong read = it.Journal.EventCount(1);
        it.Tracker.Park(1);
        it.Get(0, 1, AccessRight.ReadWrite);
        Assert.Equal(AccessRight.None, it.Tracker.GetRight(1, 1));
        Assert.True(it.Journal.IsOrdered(1, read, 0, it.Journal.EventCount(0)), "The write is not ordered after the read.");
        it.AssertLawful();
    });

    /// <summary>One frame's owner is nothing to another frame.</summary>
    [Fact]
    public void Taking_one_frame_leaves_the_others() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        it.Get(0, 2, AccessRight.ReadWrite);
        it.Tracker.Park(0);
        it.Get(1, 1, AccessRight.ReadWrite);
        Assert.Equal(AccessRight.None, it.Tracker.GetRight(0, 1));
        Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(0, 2));
    });

    /// <summary>A reduction is complete before the matching elevation starts (law L1).</summary>
    [Fact]
    public void The_loser_is_reduced_before_the_winner_is_let_in() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        it.Tracker.Park(0);
        it.Get(1, 1, AccessRight.ReadWrite);
        List<JournalEntry> tail = [.. it.Journal.Entries.Where(
            entry => entry.Kind is not (JournalEntryKind.Stolen or JournalEntryKind.Kicked)).Skip(2)];
        Assert.Equal(
        [
            new JournalEntry(JournalEntryKind.Applied, 0, 1, AccessRight.None),
            new JournalEntry(JournalEntryKind.Reduced, 0, 1, AccessRight.None),
            new JournalEntry(JournalEntryKind.Applied, 1, 1, AccessRight.ReadWrite),
            new JournalEntry(JournalEntryKind.Elevated, 1, 1, AccessRight.ReadWrite),
        ], tail);
        it.AssertLawful();
    });

    /// <summary>A steal is attributed once, for the sharing profile.</summary>
    [Fact]
    public void Every_steal_is_told() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 1, AccessRight.ReadWrite);
        it.Tracker.Park(0);
        it.Get(1, 1, AccessRight.ReadWrite);
        JournalEntry steal = Assert.Single(it.Journal.Entries, entry => entry.Kind == JournalEntryKind.Stolen);
        Assert.Equal(new JournalEntry(JournalEntryKind.Stolen, 1, 1, AccessRight.None, 0), steal);
    });

    /// <summary>Nothing implied is written (law L4).</summary>
    [Fact]
    public void What_others_imply_is_left_out() => Within(() =>
    {
        TrackerUnderTest it = Make(3);
        it.Get(0, 1, AccessRight.ReadWrite);
        it.Tracker.Park(0);
        it.Get(1, 1, AccessRight.Read);
        it.Get(1, 2, AccessRight.ReadWrite);
        it.Tracker.Park(1);
        it.Get(2, 2, AccessRight.Read);
        int before = it.Journal.Constraints;
        it.Get(2, 1, AccessRight.Read);
        Assert.Equal(OmitsImpliedConstraints ? 0 : 1, it.Journal.Constraints - before);
        Assert.Equal(OmitsImpliedConstraints ? 0 : 1, it.Journal.ImpliedConstraints);
        it.AssertLawful();
    });

    /// <summary>More agents than a word has bits.</summary>
    [Fact]
    public void Forty_agents_share_and_one_writes() => Within(() =>
    {
        const int Readers = 40;
        TrackerUnderTest it = Make(Readers + 1);
        for (int agent = 0; agent < Readers; agent++)
        {
            it.Get(agent, 1, AccessRight.Read);
            it.Tracker.Park(agent);
        }
        it.Get(Readers, 1, AccessRight.ReadWrite);
        for (int agent = 0; agent < Readers; agent++)
        {
            Assert.Equal(AccessRight.None, it.Tracker.GetRight(agent, 1));
            Assert.True(it.Journal.IsOrdered(agent, 1, Readers, it.Journal.EventCount(Readers)), $"Agent {agent} was lost.");
        }
        it.AssertLawful();
    });

    /// <summary>They are one instruction's: all held together.</summary>
    [Fact]
    public void All_frames_of_one_request_are_held_together() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Get(0, 2, AccessRight.ReadWrite);
        it.Tracker.Park(0);
        Task<AcquireOutcome> request = Aside.Run(() => it.Tracker.Acquire(1,
        [
            new FrameRequest(1, AccessRight.Read), new FrameRequest(2, AccessRight.ReadWrite),
            new FrameRequest(3, AccessRight.ReadWrite),
        ]));
        it.Finish(request);
        Assert.Equal(AcquireOutcome.Granted, request.Result);
        Assert.Equal(AccessRight.Read, it.Tracker.GetRight(1, 1));
        Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(1, 2));
        Assert.Equal(AccessRight.ReadWrite, it.Tracker.GetRight(1, 3));
        it.AssertLawful();
    });

    /// <summary>The order in which frames are acquired is what rules out deadlock; nobody else keeps it.</summary>
    [Fact]
    public void Requests_out_of_order_are_refused() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        var falling = new[] { new FrameRequest(2, AccessRight.Read), new FrameRequest(1, AccessRight.Read) };
        var twice = new[] { new FrameRequest(2, AccessRight.Read), new FrameRequest(2, AccessRight.ReadWrite) };
        Assert.ThrowsAny<ArgumentException>(() => it.Tracker.Acquire(0, falling));
        Assert.ThrowsAny<ArgumentException>(() => it.Tracker.Acquire(0, twice));
        Assert.Equal(AccessRight.None, it.Tracker.GetRight(0, 2));
        Assert.Empty(it.Journal.Entries);
    });

    /// <summary>Bad arguments are told at the door.</summary>
    [Fact]
    public void Unknown_agents_and_frames_are_refused() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        IPageOwnershipTracker tracker = it.Tracker;
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.GetRight(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.GetRight(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.GetRight(0, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.Acquire(2, [new FrameRequest(0, AccessRight.Read)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.Acquire(0, [new FrameRequest(8, AccessRight.Read)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.Serve(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.Park(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.PinShared(7, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tracker.MakePrivate(0, 7, 2));
        Assert.Empty(it.Journal.Entries);
    });

    /// <summary>Code and page tables need no events.</summary>
    [Fact]
    public void A_frame_promised_to_be_only_read_is_everybodys_to_read_and_nobodys_to_write() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Tracker.PinShared(2, 2);
        Assert.Equal(AccessRight.Read, it.Tracker.GetRight(1, 3));
        Assert.Equal(AcquireOutcome.AlreadyHeld, it.Touch(0, 2, AccessRight.Read));
        Assert.Throws<OwnershipViolationException>(() => it.Touch(0, 3, AccessRight.ReadWrite));
        Assert.Equal(AcquireOutcome.Granted, it.Touch(0, 4, AccessRight.ReadWrite));
    });

    /// <summary>A promise that is broken is an error, not a race.</summary>
    [Fact]
    public void A_frame_promised_to_one_agent_is_nobody_elses() => Within(() =>
    {
        TrackerUnderTest it = Make(2);
        it.Tracker.MakePrivate(1, 2, 2);
        Assert.Equal(AcquireOutcome.AlreadyHeld, it.Touch(1, 3, AccessRight.ReadWrite));
        Assert.Throws<OwnershipViolationException>(() => it.Touch(0, 3, AccessRight.Read));
        Assert.Equal(AcquireOutcome.Granted, it.Touch(0, 4, AccessRight.Read));
    });

    private TrackerUnderTest Make(int agents, ulong frames = 8)
    {
        var journal = new OwnershipJournal(agents);
        _made = new TrackerUnderTest(Create(agents, frames, journal), journal, Patience);
        return _made;
    }

    private protected override void GiveUp() => _made?.Tracker.Abort();
}
