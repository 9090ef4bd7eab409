using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>The first failure is the one that is told, also by a loop whose way out makes a second one.</summary>
public sealed class FailureTests
{
    [Fact]
    public void An_error_inside_the_guest_is_not_hidden_by_the_end_of_a_finally()
    {
        using var driven = new Driven(1);
        using RecordingSession session = driven.Record();
        session.StartAgent(0, agent => EndingFinally(agent, () =>
        {
            agent.TryEnter(out _);
            throw new InvalidOperationException("the guest burns");
        })).Join();
        Assert.True(session.IsOver);
        Assert.Equal("the guest burns", Assert.Throws<DeterminismException>(session.Complete).InnerException?.Message);
    }

    [Fact]
    public void An_end_inside_the_guest_that_no_error_explains_is_told_by_the_completion()
    {
        using var driven = new Driven(2);
        using RecordingSession session = driven.Record();
        session.StartAgent(0, agent =>
        {
            agent.TryEnter(out _);
            agent.End();
        }).Join();
        Assert.False(session.Agent(1).TryEnter(out _));
        ProtocolMisuseException misuse = Assert.Throws<ProtocolMisuseException>(session.Complete);
        Assert.Equal(ProtocolMisuse.WrongOrder, misuse.Misuse);
        Assert.Equal(0, misuse.Agent);
    }

    [Fact]
    public void A_divergence_is_not_hidden_by_the_end_of_a_finally()
    {
        using var driven = new Driven(1);
        using (RecordingSession recording = driven.Record())
        {
            Assert.True(Driven.RunTo(recording.Agent(0), driven.Backend, 1, ExitKind.Synchronous));
            recording.Agent(0).Input(3, () => 1);
            recording.Agent(0).End();
            recording.Complete();
        }
        var backend = new FakeBackend(1);
        using ReplaySession session = driven.Replay(backend);
        session.StartAgent(0, agent => EndingFinally(agent, () =>
        {
            Assert.True(Driven.RunTo(agent, backend, 1, ExitKind.Synchronous));
            agent.Input(4, () => 1);
        })).Join();
        Assert.Contains("input 4 is read", Assert.Throws<ReplayDivergenceException>(session.Complete).Message,
            StringComparison.Ordinal);
    }

    /// <summary>What the guide says not to do.</summary>
    private static void EndingFinally(AgentSession agent, Action loop)
    {
        try
        {
            loop();
        }
        finally
        {
            agent.End();
        }
    }
}
