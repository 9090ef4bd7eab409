using Determinism.Diagnostics;
using Determinism.Recording;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>Calls that no exit loop may make are told by name, and the trace says what came before.</summary>
public sealed class ProtocolTests
{
    private static readonly MemoryAccess s_word = Driven.Word(0x1000, AccessRight.ReadWrite);

    [Fact]
    public void Entering_again_inside_the_guest_is_out_of_order() => Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
    {
        agent.TryEnter(out _);
        agent.TryEnter(out _);
    });

    [Fact]
    public void Leaving_without_having_entered_is_out_of_order() =>
        Misuse(ProtocolMisuse.WrongOrder, (session, agent) => agent.Exited(ExitKind.Stopped));

    [Fact]
    public void Handling_a_fault_before_the_exit_is_told_is_out_of_order() => Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
    {
        agent.TryEnter(out _);
        agent.Fault([s_word]);
    });

    [Fact]
    public void Taking_an_input_inside_the_guest_is_out_of_order() => Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
    {
        agent.TryEnter(out _);
        agent.Input(1, () => 1);
    });

    [Fact]
    public void Entering_with_an_open_span_is_out_of_order() => Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
    {
        MemorySpan span = agent.Open([s_word]);
        Assert.True(span.IsOpen);
        agent.TryEnter(out _);
    });

    [Fact]
    public void Waiting_with_an_open_span_is_out_of_order() => Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
    {
        MemorySpan span = agent.Open([s_word]);
        Assert.True(span.IsOpen);
        agent.WaitForWake();
    });

    [Fact]
    public void Ending_with_an_open_span_is_out_of_order() => Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
    {
        MemorySpan span = agent.Open([s_word]);
        Assert.True(span.IsOpen);
        agent.End();
    });

    [Fact]
    public void An_entry_that_was_refused_because_of_a_span_can_be_made_once_it_is_closed()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        MemorySpan span = agent.Open([s_word]);
        ProtocolMisuseException? misuse = null;
        try
        {
            agent.TryEnter(out _);
        }
        catch (ProtocolMisuseException refused)
        {
            misuse = refused;
        }
        Assert.Equal(ProtocolMisuse.WrongOrder, misuse?.Misuse);
        span.Dispose();
        Assert.True(agent.TryEnter(out _));
    }

    // A replay does not come back from a wait that nothing ended.
    [Fact]
    public void What_woke_an_agent_arrives_before_it_does_anything_else()
    {
        Action<AgentSession>[] others =
        [
            agent => agent.TryEnter(out _),
            agent => agent.Fault([s_word]),
            agent => agent.OpenDevice(0),
            agent => agent.Input(1, () => 1),
            agent => agent.Input(1, new byte[1], _ => 1),
            agent => agent.Output(1, [1]),
        ];
        foreach (Action<AgentSession> other in others)
        {
            Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
            {
                WakeUp(agent);
                other(agent);
            });
            Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
            {
                WakeUp(agent);
                Assert.False(agent.Asynchronous(due: false, 0, out _));
                other(agent);
            });
        }
        Misuse(ProtocolMisuse.WrongOrder, (session, agent) =>
        {
            WakeUp(session.Agent(1));
            session.Agent(1).BeginOperation();
        }, agent: 1);
    }

    [Fact]
    public void An_agent_that_was_woken_for_nothing_waits_again_or_ends()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        WakeUp(agent);
        Assert.False(agent.Asynchronous(due: false, 0, out _));
        WakeUp(agent);
        Assert.True(agent.Asynchronous(due: true, 0, out _));
        Assert.True(Driven.RunTo(agent, driven.Backend, 1, ExitKind.Synchronous));
        WakeUp(agent);
        agent.End();
    }

    [Fact]
    public void Of_a_session_that_is_over_nothing_arrives_and_the_loop_is_told_of_its_end()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        WakeUp(agent);
        session.Cancel();
        Assert.False(agent.Asynchronous(due: false, 0, out _));
        Assert.False(agent.TryEnter(out _));
        agent.End();
    }

    [Fact]
    public void Two_threads_do_not_wait_as_one_agent()
    {
        var trace = new ProtocolTrace();
        using var driven = new Driven(1) { Options = new Driven(1).Options with { Trace = trace } };
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        Task waits = Driven.Aside(() => agent.WaitForWake());
        Driven.Until(() => trace.Lines.Any(line => line.EndsWith("WaitForWake", StringComparison.Ordinal)), "for the wait.");
        Assert.Equal(ProtocolMisuse.WrongThread,
            Assert.Throws<ProtocolMisuseException>(() => agent.WaitForWake()).Misuse);
        agent.Wake();
        Driven.Finishes(waits);
    }

    [Fact]
    public void A_device_has_no_guest_to_enter() =>
        Misuse(ProtocolMisuse.WrongOrder, (session, agent) => session.Agent(1).TryEnter(out RunSlice _), agent: 1);

    [Fact]
    public void A_vcpu_that_has_ended_does_nothing_more() => Misuse(ProtocolMisuse.AfterEnd, (session, agent) =>
    {
        agent.End();
        agent.TryEnter(out _);
    });

    [Fact]
    public void A_vcpu_ends_once() => Misuse(ProtocolMisuse.AfterEnd, (session, agent) =>
    {
        agent.End();
        agent.End();
    });

    [Fact]
    public void A_session_that_was_disposed_of_serves_nobody() => Misuse(ProtocolMisuse.AfterDispose, (session, agent) =>
    {
        session.Dispose();
        agent.TryEnter(out _);
    });

    [Fact]
    public void Who_leaves_the_loop_of_a_disposed_session_may_end()
    {
        using var driven = new Driven(1);
        RecordingSession session = driven.Record();
        session.Dispose();
        session.Agent(0).End();
    }

    [Fact]
    public void Another_thread_cannot_handle_a_vcpus_exit() => Misuse(ProtocolMisuse.WrongThread, (session, agent) =>
    {
        agent.TryEnter(out _);
        Driven.Aside(() => agent.Exited(ExitKind.Stopped)).GetAwaiter().GetResult();
    });

    [Fact]
    public void Another_thread_cannot_open_a_vcpus_span() => Misuse(ProtocolMisuse.WrongThread, (session, agent) =>
    {
        agent.Open([s_word]).Dispose();
        Driven.Aside(() => agent.Open([s_word]).Dispose()).GetAwaiter().GetResult();
    });

    [Fact]
    public void A_vcpu_may_go_to_another_thread_between_two_entries()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        Assert.True(Driven.RunTo(session.Agent(0), driven.Backend, 1, ExitKind.Stopped));
        Driven.Finishes(Driven.Aside(() =>
            Assert.True(Driven.RunTo(session.Agent(0), driven.Backend, 2, ExitKind.Stopped))));
    }

    [Fact]
    public void A_vcpu_may_go_to_another_thread_where_it_waits_and_where_it_ends()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        Assert.True(Driven.RunTo(agent, driven.Backend, 1, ExitKind.Synchronous));
        Driven.Finishes(Driven.Aside(() =>
        {
            WakeUp(agent);
            Assert.True(agent.Asynchronous(due: true, 0, out _));
        }));
        // It has gone there: here is elsewhere now.
        Assert.Equal(ProtocolMisuse.WrongThread,
            Assert.Throws<ProtocolMisuseException>(() => agent.Input(1, () => 1)).Misuse);
        agent.End();
        session.Complete();
    }

    [Fact]
    public void The_trace_has_the_calls_of_both_sides_and_the_message_ends_with_them()
    {
        var trace = new ProtocolTrace();
        using var driven = new Driven(1) { Options = new Driven(1).Options with { Trace = trace } };
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        Assert.True(Driven.RunTo(agent, driven.Backend, 5, ExitKind.Fault));
        agent.Fault([s_word]);
        var misuse = Assert.Throws<ProtocolMisuseException>(() => agent.Exited(ExitKind.Stopped));
        Assert.Contains("SetRight ReadWrite of frame 0x1", misuse.Message, StringComparison.Ordinal);
        Assert.Collection(trace.Lines,
            line => Assert.Contains("agent 0 > TryEnter until", line, StringComparison.Ordinal),
            line => Assert.Contains("> Exited Fault at count 5", line, StringComparison.Ordinal),
            line => Assert.Contains("> Fault ReadWrite of frame 0x1", line, StringComparison.Ordinal),
            line => Assert.Contains("< SetRight ReadWrite of frame 0x1", line, StringComparison.Ordinal));
    }

    [Fact]
    public void The_trace_keeps_the_last_calls_only()
    {
        var trace = new ProtocolTrace(3);
        using var driven = new Driven(1) { Options = new Driven(1).Options with { Trace = trace } };
        using RecordingSession session = driven.Record();
        for (uint code = 1; code <= 5; code++)
            session.Agent(0).Input(code, () => 7);
        Assert.Equal(5, trace.Count);
        Assert.Equal(["Input 3: 7", "Input 4: 7", "Input 5: 7"], trace.Lines.Select(line => line.Split("> ")[1]));
    }

    private static void WakeUp(AgentSession agent)
    {
        agent.Wake();
        Assert.True(agent.WaitForWake());
    }

    private static void Misuse(ProtocolMisuse expected, Action<RecordingSession, AgentSession> calls, int agent = 0)
    {
        using var driven = new Driven(1, devices: 1);
        using RecordingSession session = driven.Record();
        var misuse = Assert.Throws<ProtocolMisuseException>(() => calls(session, session.Agent(0)));
        Assert.Equal(expected, misuse.Misuse);
        Assert.Equal(agent, misuse.Agent);
    }
}
