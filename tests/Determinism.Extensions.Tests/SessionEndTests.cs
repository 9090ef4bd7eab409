using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.Extensions.Tests;

public class SessionEndTests
{
    [Fact]
    public void The_end_is_raised_once_by_completion_on_the_thread_that_completes()
    {
        var machine = new SmallMachine(1);
        using var log = new MemoryEventLog(1);
        int raised = 0;
        int thread = 0;
        long events = 0;
        using (RecordingSession session = Record(machine, log))
        {
            session.Ended += ended =>
            {
                Assert.Same(session, ended);
                Assert.True(log.IsComplete);
                events = ended.Statistics.EventCount;
                thread = Environment.CurrentManagedThreadId;
                raised++;
            };
            machine.RunWithoutCompleting(session);
            Assert.Equal(0, raised);
            session.Complete();
            Assert.Equal(1, raised);
            Assert.Equal(session.Statistics.EventCount, events);
            session.Complete();
        }
        Assert.Equal(1, raised);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
    }

    [Fact]
    public void The_end_is_raised_once_by_disposal_without_completion()
    {
        using var log = new MemoryEventLog(1);
        int raised = 0;
        RecordingSession session = Record(new SmallMachine(1), log);
        session.Ended += ended =>
        {
            Assert.True(ended.IsOver);
            raised++;
        };
        session.Cancel();
        Assert.Equal(0, raised);
        session.Dispose();
        session.Dispose();
        Assert.Equal(1, raised);
    }

    [Fact]
    public void A_completion_that_fails_raises_the_end_with_its_failure()
    {
        var machine = new SmallMachine(1);
        using var log = new MemoryEventLog(1);
        using (RecordingSession recording = Record(machine, log))
            machine.Run(recording);

        Exception? failure = null;
        int raised = 0;
        using ReplaySession session = ReplaySession.Start(
            new SmallMachine(1), log, new ReplayOptions { Guest = SmallMachine.Guest, InitialState = 0 });
        session.Ended += ended =>
        {
            failure = ended.Failure;
            raised++;
        };
        // Nobody has run: the log is not used up.
        var thrown = Assert.Throws<ReplayDivergenceException>(session.Complete);
        Assert.Same(thrown, failure);
        Assert.Equal(1, raised);
    }

    [Fact]
    public void Who_subscribes_after_the_end_hears_nothing()
    {
        var machine = new SmallMachine(1);
        using var log = new MemoryEventLog(1);
        RecordingSession session = Record(machine, log);
        machine.Run(session);
        session.Ended += _ => Assert.Fail("Too late.");
        session.Dispose();
    }

    private static RecordingSession Record(SmallMachine machine, IEventLog log) => RecordingSession.Start(
        machine, machine.Shape, log,
        new RecordingOptions { Time = TimeProvider.System, Guest = SmallMachine.Guest, InitialState = 0 });
}
