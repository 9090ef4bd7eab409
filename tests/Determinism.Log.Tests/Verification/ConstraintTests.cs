namespace Determinism.Log.Tests.Verification;

/// <summary>Constraints that no recording makes.</summary>
public class ConstraintTests
{
    [Fact]
    public void A_constraint_on_an_event_that_is_not_there_is_found()
    {
        LogProblem problem = First((stream, number) => stream == 1 && number == 20 ? [new(2, 145)] : []);
        Assert.Equal((1, 20UL, "The event waits for event 145 of agent 2, which has 144."),
            (problem.Stream, problem.EventNumber, problem.Message));
        Assert.True(problem.Segment >= 0 && problem.Sequence > 0);
    }

    [Fact]
    public void A_log_that_breaks_off_may_have_lost_the_cause() => LogVerifierTests.AssertIntact(LogVerifierTests.Verify(
        SampleLog.Write(complete: false, extra: (stream, number) => stream == 1 && number == 20 ? [new(2, 145)] : [])));

    [Fact]
    public void A_constraint_on_the_agent_itself_is_found() => Assert.Contains("on its own agent",
        First((stream, number) => stream == 1 && number == 20 ? [new(1, 3)] : []).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(12, "event 12 after 14")]
    [InlineData(0, "event 0 after 14")]
    public void A_source_that_goes_back_is_found(ulong second, string what)
    {
        LogProblem problem = First((stream, number) => (stream, number) switch
        {
            (0, 20) => [new(1, 14)],
            (0, 26) => [new(1, second)],
            _ => [],
        });
        Assert.Equal(26UL, problem.EventNumber);
        Assert.Equal($"The event's constraint on agent 1 does not grow: {what}.", problem.Message);
    }

    [Fact]
    public void Events_that_wait_for_each_other_are_found_and_named()
    {
        LogProblem problem = First((stream, number) => (stream, number) switch
        {
            (0, 10) => [new(1, 14)],
            (1, 12) => [new(2, 11)],
            (2, 9) => [new(0, 16)],
            _ => [],
        });
        Assert.Equal("These events wait for each other (agent/event): 0/10 -> 1/14 -> 1/12 -> 2/11 -> 2/9 -> 0/16 -> 0/10", problem.Message);
    }

    [Fact]
    public void A_ring_is_found_behind_events_that_wait_for_it_and_for_what_is_lost()
    {
        MemoryStorage log = SampleLog.Write(complete: false, extra: (stream, number) => (stream, number) switch
        {
            (0, 10) => [new(2, 300), new(1, 10)],
            (1, 10) => [new(0, 10)],
            _ => [],
        });
        Assert.Equal("These events wait for each other (agent/event): 0/10 -> 1/10 -> 0/10",
            Assert.Single(LogVerifierTests.Verify(log).Problems).Message);
    }

    private static LogProblem First(Func<int, ulong, OrderingConstraint[]?> extra) =>
        LogVerifierTests.Verify(SampleLog.Write(extra: extra)).Problems[0];
}
