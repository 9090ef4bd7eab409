using Determinism.Checkpoints;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Tests.Logs;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>A machine is handed from session to session: nothing of it is lost, and what goes wrong leaves it where it was.</summary>
public sealed class HandoverTests : IDisposable
{
    private readonly Driven _driven = new(1, devices: 1);
    private bool _hasWork;
    private bool _isWorkDone;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_wakes_an_agent_between_two_sessions_is_looked_for(bool isRecorded)
    {
        StandingMachine standing = StandWithWork();
        using ExecutionSession next = GoOn(standing, isRecorded, Plant.None);
        Run(next, out Thread[] loops);
        Driven.Until(() => _isWorkDone, "for the work to be seen.");
        End(next, loops);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_wake_that_is_lost_between_two_sessions_is_missed(bool isRecorded)
    {
        StandingMachine standing = StandWithWork();
        using ExecutionSession next = GoOn(standing, isRecorded, Plant.LoseWake);
        Run(next, out Thread[] loops);
        // All stand: the device sleeps.
        HandOver(next);
        Assert.False(_isWorkDone);
        End(next, loops);
    }

    [Fact]
    public void A_session_that_is_ended_while_it_hands_over_has_not_handed_over()
    {
        RecordingSession session = null!;
        using (session = Record(options => options with
        {
            FinalState = () =>
            {
                session.Cancel();
                return 1;
            },
        }))
        {
            Run(session, out Thread[] loops);
            Assert.Throws<InvalidOperationException>(() => session.HandOver());
            Assert.False(session.IsHandedOver);
            End(session, loops);
        }
    }

    [Fact]
    public void A_session_that_was_handed_over_is_not_ended_by_what_comes_later()
    {
        using RecordingSession session = Record();
        Run(session, out Thread[] loops);
        StandingMachine standing = session.HandOver();
        _driven.Backend.OnKick = static () => Assert.Fail("The machine is another's.");
        session.Cancel();
        Assert.True(session.IsHandedOver);
        End(session, loops);
        Assert.False(standing.HasEnded(0));
    }

    [Fact]
    public void A_recording_whose_end_has_no_digest_goes_on_and_ends_later()
    {
        bool fails = true;
        using RecordingSession session = Record(options => options with
        {
            FinalState = () => fails ? throw new NotSupportedException("not now") : 7UL,
        });
        Run(session, out Thread[] loops);
        Assert.Throws<NotSupportedException>(() => session.HandOver());
        Assert.False(session.IsOver);
        Assert.Equal(0, _driven.Log.CountBlocks(BlockKind.LogEnd));
        fails = false;
        session.HandOver();
        End(session, loops);
        Assert.Equal((1, 1), (_driven.Log.CountBlocks(BlockKind.LogEnd), _driven.Log.CountBlocks(BlockKind.FinalState)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_session_before_is_completed_first(bool isRecorded)
    {
        using UnrecordedSession first = _driven.Unrecorded();
        Run(first, out Thread[] loops);
        StandingMachine standing = HandOver(first);
        Assert.Contains("has not ended", Assert.Throws<InvalidOperationException>(() => GoOn(standing, isRecorded, Plant.None)).Message,
            StringComparison.Ordinal);
        End(first, loops);
        using ExecutionSession next = GoOn(standing, isRecorded, Plant.None);
        Run(next, out loops);
        next.Cancel();
        End(next, loops);
        Assert.Throws<InvalidOperationException>(() => GoOn(standing, isRecorded, Plant.None));
    }

    [Fact]
    public void Nobody_waits_for_less_than_nothing_or_for_ever()
    {
        using UnrecordedSession session = _driven.Unrecorded();
        foreach (TimeSpan patience in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromSeconds(-1), Timeout.InfiniteTimeSpan, TimeSpan.FromDays(25)])
            Assert.Throws<ArgumentOutOfRangeException>(() => session.HandOver(TimeProvider.System, patience));
        Run(session, out Thread[] loops);
        HandOver(session);
        End(session, loops);
    }

    [Fact]
    public void A_flight_recorder_that_is_attached_is_told_what_the_machine_is_built_from()
    {
        using var folder = new TemporaryFolder();
        using var recorder = new FlightRecorder(folder.File("log"), _driven.Shape.AgentCount, new FlightRecorderOptions
        {
            KeepBytes = 64 << 10, Time = TimeProvider.System,
        });
        using UnrecordedSession first = _driven.Unrecorded();
        Run(first, out Thread[] loops);
        StandingMachine standing = HandOver(first);
        End(first, loops);
        RecordingOptions options = _driven.Options with { Standing = standing, Checkpoints = recorder.CheckpointsOf(new NoState()) };
        Assert.Contains("WriteMachine", Assert.Throws<ArgumentException>(
            () => RecordingSession.Start(_driven.Backend, _driven.Shape, recorder.Log, options)).Message, StringComparison.Ordinal);
        using RecordingSession next = RecordingSession.Start(_driven.Backend, _driven.Shape, recorder.Log, options with { WriteMachine = static _ => { } });
        Run(next, out loops);
        next.HandOver();
        End(next, loops);
        Assert.Equal(1, recorder.Status.WholeCheckpoints);
    }

    public void Dispose() => _driven.Dispose();

    private RecordingSession Record(Func<RecordingOptions, RecordingOptions>? adjust = null) =>
        RecordingSession.Start(_driven.Backend, _driven.Shape, _driven.Log, adjust?.Invoke(_driven.Options) ?? _driven.Options);

    private StandingMachine StandWithWork()
    {
        using UnrecordedSession first = _driven.Unrecorded();
        Run(first, out Thread[] loops);
        StandingMachine standing = HandOver(first);
        Volatile.Write(ref _hasWork, true);
        first.Agent(1).Wake();
        End(first, loops);
        Assert.False(_isWorkDone);
        return standing;
    }

    private ExecutionSession GoOn(StandingMachine standing, bool isRecorded, Plant plant)
    {
        if (isRecorded)
            return With(Record(options => options with { Standing = standing, State = new NoState() }), plant);
        UnrecordedSession session = UnrecordedSession.Start(_driven.Backend, _driven.Shape, standing);
        session.Plant = plant;
        return session;
    }

    private static RecordingSession With(RecordingSession session, Plant plant)
    {
        session.Plant = plant;
        return session;
    }

    private static StandingMachine HandOver(ExecutionSession session) => session is RecordingSession recording
        ? recording.HandOver() : ((UnrecordedSession)session).HandOver(TimeProvider.System, TimeSpan.FromSeconds(30));

    /// <summary>A vCPU that runs for ever, and a device that does nothing before it is woken.</summary>
    private void Run(ExecutionSession session, out Thread[] loops) => loops =
    [
        session.StartAgent(0, agent =>
        {
            while (Driven.RunTo(agent, _driven.Backend, agent.Point.Count + 1, ExitKind.Stopped))
                agent.Asynchronous(false, 0, out _);
        }),
        session.StartAgent(1, agent =>
        {
            while (agent.WaitForWake())
            {
                if (agent.Asynchronous(Volatile.Read(ref _hasWork), 0, out _))
                    _isWorkDone = true;
            }
        }),
    ];

    private static void End(ExecutionSession session, Thread[] loops)
    {
        if (!session.IsHandedOver)
            session.Cancel();
        foreach (Thread loop in loops)
            loop.Join();
        session.Complete();
    }

    private sealed class NoState : ICheckpointState
    {
        public void Save(System.Buffers.IBufferWriter<byte> destination)
        {
        }

        public void Load(ReadOnlySpan<byte> state)
        {
        }
    }
}
