using System.Globalization;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>The first difference stops the replay and says what is known about it (law L8).</summary>
public class DivergenceTests
{
    [Fact]
    public void It_names_agent_event_expected_actual_point_instruction_and_the_last_events()
    {
        using var driven = new Driven(2);
        Record(driven);
        var backend = new FakeBackend(2);
        backend.Memory[8] = 0xAB;
        using ReplaySession session = driven.Replay(backend, new Text());
        AgentSession agent = session.Agent(0);
        Assert.Equal(0x77UL, ReadInput(agent, backend, 4));

        ReplayDivergenceException divergence = Diverges(() => ReadInput(agent, backend, 8));

        DivergenceReport report = Assert.IsType<DivergenceReport>(divergence.Report);
        Assert.Equal(0, report.Agent);
        Assert.Equal(2UL, report.EventNumber);
        Assert.Equal("input 3 = 0x78 at count 9", report.Expected);
        Assert.Equal("input 3 is read", report.Actual);
        Assert.Equal(8UL, report.Point.Count);
        Assert.Equal("code AB at 8", report.Instruction);
        Assert.Equal("state 0", report.State);
        Assert.Equal(["agent 0 event 1: input 3 = 0x77 at count 4"], report.LastEvents);
        Assert.Contains("consumed twice", report.LikelyCause, StringComparison.Ordinal);
        foreach (string part in (string[])["agent 0", "event 2", report.Expected, report.Actual, "code AB", "state 0"])
            Assert.Contains(part, divergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Registers_that_differ_are_found_at_the_next_event()
    {
        using var driven = new Driven(2);
        Record(driven);
        var backend = new FakeBackend(2);
        using ReplaySession session = driven.Replay(backend, new Text());
        backend.States[0] = 1;
        ReplayDivergenceException divergence = Diverges(() => ReadInput(session.Agent(0), backend, 4));
        Assert.Equal(1UL, divergence.Report!.EventNumber);
        Assert.Contains("digest", divergence.Report.Actual, StringComparison.Ordinal);
        Assert.Contains("registers differ", divergence.Report.LikelyCause, StringComparison.Ordinal);
    }

    [Fact]
    public void With_states_kept_both_sides_are_shown()
    {
        using var first = new Driven(2);
        using var driven = new Driven(2) { Options = first.Options with { KeepStates = true, DigestInterval = 1 } };
        driven.Backend.States[0] = 0x11;
        Record(driven);
        var backend = new FakeBackend(2);
        backend.States[0] = 0x11;
        using ReplaySession session = driven.Replay(backend, new Text());
        AgentSession agent = session.Agent(0);
        Assert.Equal(0x77UL, ReadInput(agent, backend, 4));
        backend.States[0] = 0x10;

        ReplayDivergenceException divergence = Diverges(() => ReadInput(agent, backend, 9));

        Assert.Equal("recorded:\nstate 17\nreplayed:\nstate 16", divergence.Report!.State);
        Assert.Equal("input 3 = 0x78 at count 9", divergence.Report.Expected);
        Assert.Equal(3UL, divergence.Report.EventNumber);
    }

    [Fact]
    public void A_frame_whose_content_differs_is_found_when_it_is_lost()
    {
        using var driven = new Driven(2, clock: ClockKind.SoftwareCounter);
        using (RecordingSession session = driven.Record())
        {
            TouchAndLose(session.Agent(0), driven.Backend);
            Assert.True(Driven.RunTo(session.Agent(1), driven.Backend, 0, ExitKind.Fault));
            Assert.True(session.Agent(1).Fault([Driven.Word(0x2000, AccessRight.ReadWrite)]));
            session.Complete();
        }
        var backend = new FakeBackend(2, ClockKind.SoftwareCounter);
        backend.Memory[0x2FFF] = 1;
        using ReplaySession replay = driven.Replay(backend);
        ReplayDivergenceException divergence = Diverges(() => TouchAndLose(replay.Agent(0), backend));
        Assert.Contains("content differs", divergence.Report!.LikelyCause, StringComparison.Ordinal);
        Assert.Contains("reduced", divergence.Report.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_that_stops_short_of_its_stream_is_named()
    {
        using var driven = new Driven(2);
        Record(driven);
        using ReplaySession session = driven.Replay();
        var divergence = Assert.Throws<ReplayDivergenceException>(session.Complete);
        Assert.Contains("Agent 0 stopped after 0 events", divergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_point_overshot_is_told_as_such()
    {
        using var driven = new Driven(1);
        Record(driven);
        var backend = new FakeBackend(1);
        using ReplaySession session = driven.Replay(backend);
        Assert.True(Driven.RunTo(session.Agent(0), backend, 5, ExitKind.Stopped));
        ReplayDivergenceException divergence = Diverges(() => session.Agent(0).TryEnter(out _));
        Assert.Contains("overshot", divergence.Report!.LikelyCause, StringComparison.Ordinal);
    }

    private static void Record(Driven driven)
    {
        using RecordingSession session = driven.Record();
        AgentSession agent = session.Agent(0);
        ReadInput(agent, driven.Backend, 4, 0x77);
        ReadInput(agent, driven.Backend, 9, 0x78);
        agent.End();
        session.Complete();
    }

    private static ulong ReadInput(AgentSession agent, FakeBackend backend, ulong count, ulong value = 0xBAD)
    {
        Assert.True(Driven.RunTo(agent, backend, count, ExitKind.Synchronous));
        return agent.Input(3, () => value);
    }

    private static void TouchAndLose(AgentSession agent, FakeBackend backend)
    {
        Assert.True(Driven.RunTo(agent, backend, 0, ExitKind.Fault));
        Assert.True(agent.Fault([Driven.Word(0x2000, AccessRight.ReadWrite)]));
        agent.End();
    }

    private static ReplayDivergenceException Diverges(Action action) => Assert.Throws<ReplayDivergenceException>(action);

    private sealed class Text : IInstructionText
    {
        public string Describe(ReadOnlySpan<byte> code, ulong address) =>
            string.Create(CultureInfo.InvariantCulture, $"code {code[0]:X2} at {address}");

        public string DescribeState(ReadOnlySpan<byte> state) =>
            string.Create(CultureInfo.InvariantCulture, $"state {state[0]}");
    }
}
