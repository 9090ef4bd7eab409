using Determinism.Checkpoints;
using Determinism.Emulation;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>When checkpoints are made, by whom, and what is refused.</summary>
public class PolicyTests
{
    [Theory]
    [InlineData("events")]
    [InlineData("bytes")]
    [InlineData("time")]
    public void Each_policy_makes_checkpoints(string policy)
    {
        // By time: a run that is longer than a busy computer takes for a timer's first call.
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions)
            with { Parameters = [policy == "time" ? 400_000UL : 20_000, 16] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        RecordingSession? session = null;
        MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", 2), log, one => session = one,
            options => options with { Checkpoints = Make(policy, new NoState()) });
        Assert.True(session!.Statistics.Checkpoints > 0);
        Assert.Equal(session.Statistics.Checkpoints, LogCheckpoints.ReadFrom(log).All.Count);
        Assert.Equal(session.Statistics.CheckpointBytes, LogCheckpoints.ReadFrom(log).All.Sum(static one => (long)one.Bytes));
        Assert.True(session.Statistics.LongestCheckpointPause >= session.Statistics.LongestCheckpointStop);
        Assert.True(session.Statistics.LongestCheckpointStop > TimeSpan.Zero);
    }

    [Fact]
    public void Without_a_policy_checkpoints_are_made_when_asked_for()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.SoftwareCounter)
            with { Parameters = [20_000, 16] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        int made = 0;
        Thread? asking = null;
        MachineState recorded = CheckpointRunner.Record(configuration, log, "parallel", 1, events: 0, prepare: session =>
        {
            asking = new Thread(() =>
            {
                while (session.Checkpoint() is > 0 and var number)
                    made = number;
            });
            asking.Start();
        });
        asking!.Join();
        IReadOnlyList<Checkpoint> all = LogCheckpoints.ReadFrom(log).All;
        Assert.True(made > 1);
        Assert.Equal(made, all.Count);
        foreach (Checkpoint from in new[] { all[0], all[made / 2], all[^1] })
            Assert.Null(recorded.FindDifference(CheckpointRunner.Replay(log, from)));
    }

    [Fact]
    public void A_checkpoint_at_the_very_end_holds_the_end()
    {
        MachineConfiguration configuration = MachineRunner.Configure("devices", 2, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using var machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session = Start(machine, log, options => options with
        {
            // Taken when all agents have ended and the log has not.
            FinalState = () => MachineState.DigestOf(machine),
        });
        using var ended = new CountdownEvent(1);
        var asking = new Thread(() =>
        {
            while (Enumerable.Range(0, 3).Any(agent => !session.Agent(agent).HasEnded))
                Thread.Yield();
            Assert.True(session.Checkpoint() >= 0);
        });
        asking.Start();
        machine.Run(session);
        asking.Join();
        MachineState recorded = MachineState.Capture(machine);
        foreach (Checkpoint one in LogCheckpoints.ReadFrom(log).All)
            Assert.Null(recorded.FindDifference(CheckpointRunner.Replay(log, one)));
    }

    [Fact]
    public void Whoever_asked_for_none_gets_none()
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", 1), log,
            session => Assert.Throws<InvalidOperationException>(() => session.Checkpoint()));
        Assert.Empty(LogCheckpoints.ReadFrom(log).All);
    }

    [Fact]
    public void A_recording_that_is_over_makes_no_more()
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        RecordingSession? session = null;
        CheckpointRunner.Record(configuration, log, "parallel", 1, events: 0, prepare: one => session = one);
        Assert.Equal(0, session!.Checkpoint());
    }

    [Fact]
    public void A_recording_that_ends_early_lets_go_whoever_waits_for_a_checkpoint()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using var machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session = Start(machine, log, options => options);
        int made = -1;
        // Nobody runs the agents: they never stand.
        var asking = new Thread(() => made = session.Checkpoint());
        asking.Start();
        session.Cancel();
        asking.Join();
        Assert.Equal(0, made);
    }

    [Fact]
    public void Agents_that_never_stand_still_are_told_of()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using var machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session = Start(machine, log, options => options with { AnswerTimeout = TimeSpan.FromMilliseconds(20) });
        var error = Assert.Throws<HandoverTimeoutException>(() => session.Checkpoint());
        Assert.Contains("3 of 3 agents do not stand still", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        foreach (CheckpointOptions options in (CheckpointOptions[])
            [new() { State = new NoState(), Events = -1 }, new() { State = new NoState(), LogBytes = -1 },
                new() { State = new NoState(), Interval = TimeSpan.Zero }, new() { State = null! }])
        {
            using var machine = MachineRunner.NewMachine(configuration);
            Assert.ThrowsAny<ArgumentException>(() => MachineRuns.StartRecording(machine, new MemoryEventLog(2),
                MachineRunner.MakeScheduler("parallel", 1), TimeProvider.System, one => one with { Checkpoints = options }));
        }
    }

    [Fact]
    public void A_replay_from_a_checkpoint_needs_the_machines_state_and_a_cut_that_is_not_before_it()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        CheckpointRunner.Record(configuration, log, "chaos", 1, 100);
        Checkpoint last = LogCheckpoints.ReadFrom(log).All[^1];
        using var machine = MachineRunner.NewMachine(configuration);
        Assert.Throws<ArgumentException>(() => MachineRuns.StartReplay(machine, log, one => one with { From = last, State = null }));
        Cut start = new LogCuts(log, LogCheckpoints.ReadFrom(log)).Start;
        Assert.Throws<ArgumentException>(() => MachineRuns.StartReplay(machine, log, one => one with { From = last, Until = start }));
    }

    [Fact]
    public void Journeys_tell_how_far_they_are_can_be_ended_and_begun_anew()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        CheckpointRunner.Record(configuration, log, "parallel", 1, events: 0);
        using var travel = new TimeTravel(log, new ManagedBackend(), TimeProvider.System);
        Assert.Throws<InvalidOperationException>(() => travel.Here);
        var told = new Told();
        ulong events = 0;
        for (var cursor = new EventCursor(log, 0, 3); cursor.MoveToNext(); cursor.Consume())
            events++;
        travel.GoToEvent(0, events, told);
        Assert.All(told.All, one => Assert.InRange(one.Events, 1UL, one.Total));
        Assert.Equal(travel.Here.EventCount < 1024, told.All.IsEmpty);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => travel.GoToEvent(0, 1, cancellationToken: cancelled.Token));
        Assert.Throws<InvalidOperationException>(() => travel.Here);
        travel.GoToEvent(0, 1);
        Assert.True(travel.Here.Positions[0].Events >= 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => travel.GoToEvent(0, events + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => travel.GoToEvent(3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => travel.GoToCount(2, 1));
    }

    private static RecordingSession Start(GuestMachine machine, MemoryEventLog log, Func<RecordingOptions, RecordingOptions> adjust) =>
        MachineRuns.StartRecording(machine, log, MachineRunner.MakeScheduler("parallel", 2), TimeProvider.System,
            options => adjust(options with { Checkpoints = new CheckpointOptions { State = machine } }));

    private static CheckpointOptions Make(string policy, ICheckpointState state) => policy switch
    {
        "events" => new CheckpointOptions { State = state, Events = 50 },
        "bytes" => new CheckpointOptions { State = state, LogBytes = 500 },
        _ => new CheckpointOptions { State = state, Interval = TimeSpan.FromMilliseconds(1) },
    };

    private sealed class NoState : ICheckpointState
    {
        public void Save(System.Buffers.IBufferWriter<byte> destination)
        {
        }

        public void Load(ReadOnlySpan<byte> state)
        {
        }
    }

    private sealed class Told : IProgress<SeekProgress>
    {
        public System.Collections.Concurrent.ConcurrentQueue<SeekProgress> All { get; } = [];

        public void Report(SeekProgress value) => All.Enqueue(value);
    }
}
