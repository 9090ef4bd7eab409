using Determinism.Diagnostics;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

public class RecordingTests
{
    private const ulong Address = 0x2000;

    [Fact]
    public void A_stale_fault_applies_the_right_again_and_makes_no_event()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        FaultOn(agent, driven.Backend, 5, AccessRight.ReadWrite);
        ulong events = agent.CompletedEvents;
        driven.Backend.Applied.Clear();

        FaultOn(agent, driven.Backend, 6, AccessRight.Read);

        Assert.Equal(events, agent.CompletedEvents);
        Assert.Equal([(0, Address >> 12, AccessRight.ReadWrite)], driven.Backend.Applied);
    }

    [Fact]
    public void A_request_met_at_an_exit_of_the_host_is_not_served_there_but_bounds_the_next_slice()
    {
        using var driven = new Driven(2);
        using RecordingSession session = driven.Record();
        AgentSession holder = session.Agent(0);
        AgentSession wanter = session.Agent(1);
        FaultOn(holder, driven.Backend, 5, AccessRight.ReadWrite);
        Assert.True(Driven.RunTo(holder, driven.Backend, 6, ExitKind.Stopped));
        Assert.True(holder.TryEnter(out RunSlice free));
        Assert.Equal(RunSlice.Unlimited, free.StopAt);

        Task waits = Driven.Aside(() => FaultOn(wanter, driven.Backend, 1, AccessRight.ReadWrite));
        Driven.Until(() => driven.Backend.Kicks(0) > 0, "for the holder to be asked.");
        driven.Backend.Points[0] = new ExecutionPoint(9, 9, 0, 0);
        holder.Exited(ExitKind.Host);
        ulong events = holder.CompletedEvents;

        Assert.True(holder.TryEnter(out RunSlice slice));
        Assert.Equal(10UL, slice.StopAt);
        Assert.Equal(events, holder.CompletedEvents);
        Assert.False(waits.IsCompleted);

        driven.Backend.Points[0] = new ExecutionPoint(10, 10, 0, 0);
        holder.Exited(ExitKind.Stopped);
        Assert.True(holder.TryEnter(out slice));
        Assert.Equal(events + 1, holder.CompletedEvents);
        Driven.Finishes(waits);
    }

    [Fact]
    public void A_frame_pinned_by_an_instruction_is_served_when_the_instruction_has_retired()
    {
        using var driven = new Driven(3);
        using RecordingSession session = driven.Record();
        AgentSession first = session.Agent(0);
        AgentSession second = session.Agent(1);
        AgentSession third = session.Agent(2);
        FaultOn(first, driven.Backend, 1, AccessRight.ReadWrite);
        first.End();
        // Taken from another, so pinned.
        FaultOn(second, driven.Backend, 4, AccessRight.ReadWrite);

        Task waits = Driven.Aside(() => FaultOn(third, driven.Backend, 1, AccessRight.ReadWrite));
        Driven.Until(() => driven.Backend.Kicks(1) > 0, "for the holder to be asked.");
        ulong events = second.CompletedEvents;
        Assert.True(second.TryEnter(out RunSlice slice));
        Assert.Equal(5UL, slice.StopAt);
        Assert.Equal(events, second.CompletedEvents);

        driven.Backend.Points[1] = new ExecutionPoint(5, 5, 0, 0);
        second.Exited(ExitKind.Stopped);
        Assert.True(second.TryEnter(out slice));
        Driven.Finishes(waits);
        Assert.Equal(events + 1, second.CompletedEvents);
    }

    [Fact]
    public void A_parked_holder_is_reduced_without_being_asked()
    {
        using var driven = new Driven(2);
        using RecordingSession session = driven.Record();
        AgentSession holder = session.Agent(0);
        FaultOn(holder, driven.Backend, 5, AccessRight.ReadWrite);
        using var isOut = new ManualResetEventSlim();
        Task waits = Driven.Aside(() =>
        {
            Assert.True(Driven.RunTo(holder, driven.Backend, 6, ExitKind.Synchronous));
            isOut.Set();
            holder.WaitForWake();
        });
        isOut.Wait();
        Driven.Finishes(Driven.Aside(() => FaultOn(session.Agent(1), driven.Backend, 1, AccessRight.ReadWrite)));
        holder.Wake();
        Driven.Finishes(waits);
        Assert.Equal(2UL, holder.CompletedEvents);
    }

    [Fact]
    public void What_is_due_at_a_fault_arrives_once_its_instruction_has_retired()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        Assert.True(Driven.RunTo(agent, driven.Backend, 5, ExitKind.Fault));
        Assert.True(agent.Fault([Driven.Word(0x1000, AccessRight.ReadWrite)]));
        Assert.False(agent.Asynchronous(due: true, 7, out _));
        Assert.True(agent.TryEnter(out RunSlice slice));
        Assert.Equal(6UL, slice.StopAt);
        driven.Backend.Points[0] = new ExecutionPoint(6, 6, 0, 0);
        agent.Exited(ExitKind.Stopped);
        Assert.True(agent.Asynchronous(due: true, 7, out ulong recorded));
        Assert.Equal(7UL, recorded);
        Assert.True(agent.TryEnter(out slice));
        Assert.Equal(RunSlice.Unlimited, slice.StopAt);
    }

    [Fact]
    public void What_is_due_at_an_exit_of_the_host_is_asked_for_soon()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        Assert.True(Driven.RunTo(agent, driven.Backend, 5, ExitKind.Host));
        Assert.False(agent.Asynchronous(due: true, 7, out _));
        Assert.True(agent.TryEnter(out RunSlice slice));
        Assert.Equal(6UL, slice.StopAt);
    }

    [Fact]
    public void An_agents_thread_ends_its_session_with_what_it_throws()
    {
        using var driven = new Driven(2);
        using RecordingSession session = driven.Record();
        var error = new DeterminismException("It broke.");
        Assert.True(session.StartAgent(0, _ => throw error).Join(TimeSpan.FromSeconds(30)));
        Assert.True(session.IsOver);
        Assert.Same(error, Assert.Throws<DeterminismException>(session.Complete));
    }

    [Fact]
    public void A_loop_that_hears_of_the_end_in_an_input_has_not_failed()
    {
        using var driven = new Driven(1);
        using (RecordingSession recording = driven.Record())
            recording.Agent(0).Input(1, () => 5);
        // The recording was cut short: the second input is not in its log.
        using ReplaySession replay = driven.Replay();
        Thread thread = replay.StartAgent(0, agent =>
        {
            agent.Input(1, () => 0);
            agent.Input(1, () => 0);
        });
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        replay.Complete();
        Assert.Null(replay.Failure);
        Assert.False(replay.ReachedEveryEnd);
    }

    [Fact]
    public void An_ended_holder_is_reduced_for_ever()
    {
        using var driven = new Driven(2);
        using RecordingSession session = driven.Record();
        FaultOn(session.Agent(0), driven.Backend, 5, AccessRight.ReadWrite);
        session.Agent(0).End();
        Driven.Finishes(Driven.Aside(() => FaultOn(session.Agent(1), driven.Backend, 1, AccessRight.Read)));
        Driven.Finishes(Driven.Aside(() => FaultOn(session.Agent(1), driven.Backend, 2, AccessRight.ReadWrite)));
        Assert.Equal(2, session.Statistics.Events[EventKind.Reduction]);
        Assert.Equal(2, session.Sharing.Count);
    }

    [Fact]
    public void The_log_keeps_who_took_which_frame_from_whom()
    {
        using var driven = new Driven(2);
        using RecordingSession session = driven.Record();
        FaultOn(session.Agent(0), driven.Backend, 5, AccessRight.ReadWrite);
        session.Agent(0).End();
        Driven.Finishes(Driven.Aside(() =>
        {
            FaultOn(session.Agent(1), driven.Backend, 1, AccessRight.ReadWrite);
            session.Agent(1).End();
        }));
        session.Complete();

        Assert.True(driven.Log.TryReadBlock(BlockKind.SharingProfile, out ReadOnlyMemory<byte> content));
        Assert.Equal(session.Sharing.Hottest, SharingProfile.FromBytes(content.Span).Hottest);
        Assert.Equal((1, 0), (session.Sharing.Hottest[0].Key.Winner, session.Sharing.Hottest[0].Key.Loser));
    }

    [Fact]
    public void A_request_that_stays_unanswered_ends_with_a_diagnosis_that_names_the_holder()
    {
        using var driven = new Driven(2);
        using RecordingSession session = new Driven(2)
        {
            Backend = driven.Backend,
            Options = driven.Options with { AnswerTimeout = TimeSpan.FromMilliseconds(20) },
        }.Record();
        FaultOn(session.Agent(0), driven.Backend, 5, AccessRight.ReadWrite);
        Assert.True(session.Agent(0).TryEnter(out _));
        Task waits = Driven.Aside(() => FaultOn(session.Agent(1), driven.Backend, 1, AccessRight.Read));
        var timeout = Assert.Throws<HandoverTimeoutException>(() => Driven.Finishes(waits));
        Assert.Contains("frame 0x2", timeout.Message, StringComparison.Ordinal);
        Assert.Contains("held by agent 0 (Running, asked, pinned)", timeout.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_span_inside_a_span_is_refused()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        using MemorySpan span = agent.OpenDevice(0);
        Assert.Throws<ProtocolMisuseException>(() => agent.OpenDevice(1).Dispose());
    }

    [Fact]
    public void A_span_reaches_only_the_bytes_that_it_was_opened_for()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        MemoryAccess[] accesses = [new(0, 8, AccessRight.Read), new(0x1008, 8, AccessRight.Read), new(0x3000, 16, AccessRight.ReadWrite)];
        var bytes = new byte[8];
        using MemorySpan span = session.Agent(0).Open(accesses);
        span.Read(0x1008, bytes);
        span.Write(0x3008, bytes);
        Refuses(span, open => open.Read(0x1004, new byte[8]));
        Refuses(span, open => open.Write(0x1008, new byte[8]));
        Refuses(span, open => open.Write(0x300C, new byte[8]));
        Refuses(span, open => open.Read(ulong.MaxValue - 3, new byte[8]));
    }

    [Fact]
    public void Accesses_outside_of_memory_are_refused()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        foreach (MemoryAccess access in (MemoryAccess[])
            [new(1 << 16, 1, AccessRight.Read), new(ulong.MaxValue, 8, AccessRight.Read), new((1 << 16) - 4, 8, AccessRight.Read)])
            Assert.Throws<ArgumentOutOfRangeException>(() => agent.Fault([access]));
    }

    [Fact]
    public void Only_devices_begin_operations_and_they_do_so_in_order()
    {
        using var driven = new Driven(1, devices: 1);
        using RecordingSession session = driven.Record();
        Assert.Throws<ProtocolMisuseException>(session.Agent(0).BeginOperation);
        session.Agent(1).BeginOperation();
        session.Agent(1).BeginOperation();
        Assert.Equal(2UL, session.Agent(1).Point.Count);
    }

    private delegate void Use(MemorySpan span);

    private static void Refuses(MemorySpan span, Use use)
    {
        try
        {
            use(span);
        }
        catch (InvalidOperationException)
        {
            return;
        }
        Assert.Fail("The span let through what it was not opened for.");
    }

    private static void FaultOn(AgentSession agent, FakeBackend backend, ulong count, AccessRight right)
    {
        Assert.True(Driven.RunTo(agent, backend, count, ExitKind.Fault));
        Assert.True(agent.Fault([Driven.Word(Address, right)]));
    }
}
