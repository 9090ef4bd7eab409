using Determinism.Checkpoints;
using Determinism.Emulation.History;
using Determinism.Emulation.Races;
using Determinism.Log;
using Determinism.Replaying;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>A log that begins at a checkpoint: whoever goes by "the start" begins there.</summary>
public class LogStartTests
{
    private static readonly MachineConfiguration s_racy = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions);

    [Fact]
    public void A_replay_that_is_not_told_where_begins_at_the_checkpoint()
    {
        (MemoryEventLog log, MachineState recorded) = Record();
        MemoryEventLog copy = LogEdits.BeginAtCheckpoint(log);
        Checkpoint start = LogCheckpoints.ReadFrom(copy).Start!;
        Assert.Equal(1, start.Number);
        Assert.NotEqual(0UL, start.Cut.EventCount);

        using var machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(copy));
        using ReplaySession session = MachineRuns.StartReplay(machine, copy);
        machine.Run(session);
        Assert.True(session.ReachedEveryEnd);
        Assert.Null(recorded.FindDifference(MachineState.Capture(machine)));
        Assert.Equal(CountEvents(log) - start.Cut.EventCount, (ulong)session.Statistics.Events.Values.Sum());
    }

    [Fact]
    public void A_log_that_does_not_say_so_begins_with_the_machine_as_loaded()
    {
        (MemoryEventLog log, _) = Record();
        Assert.Null(LogCheckpoints.ReadFrom(log).Start);
        using var machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(log));
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
        Assert.Equal(CountEvents(log), (ulong)session.Statistics.Events.Values.Sum());
    }

    [Fact]
    public void Journeys_begin_there_and_come_to_nothing_before()
    {
        MemoryEventLog copy = LogEdits.BeginAtCheckpoint(Record().Log);
        using var travel = new TimeTravel(copy, new Determinism.Emulation.ManagedBackend(), TimeProvider.System);
        Cut start = LogCheckpoints.ReadFrom(copy).Start!.Cut;
        Assert.True(start.IsSame(travel.Cuts.Start));
        Assert.Same(travel.Cuts.Start, travel.Cuts.AfterEvent(0, 0));
        Assert.Same(travel.Cuts.Start, travel.Cuts.AfterEvent(0, start.Positions[0].Events));
        Assert.Throws<ArgumentOutOfRangeException>(() => travel.Cuts.AtCount(0, start.Positions[0].Position - 1));

        travel.GoTo(travel.Cuts.Start);
        using var stopped = new StoppedReplay(copy, start);
        Assert.Null(stopped.State.FindDifference(MachineState.Capture(travel.Machine)));
        travel.GoToEvent(0, start.Positions[0].Events + 20);
        // Or a little later, where another vCPU has to finish what it was about when the checkpoint was made.
        Cut back = travel.Cuts.AtCount(0, start.Positions[0].Position);
        Assert.True(start.IsWithin(back));
        travel.GoToCount(0, start.Positions[0].Position);
        Assert.True(back.IsSame(travel.Here));
        using var again = new StoppedReplay(copy, back);
        Assert.Null(again.State.FindDifference(MachineState.Capture(travel.Machine)));
    }

    [Fact]
    public void Debuggers_and_race_finders_look_at_what_is_left()
    {
        MemoryEventLog copy = LogEdits.BeginAtCheckpoint(Record().Log);
        Checkpoint start = LogCheckpoints.ReadFrom(copy).Start!;
        using var history = new RecordedHistory(copy);
        Assert.Equal(0UL, history.Position);
        Assert.Equal(start.PointOf(history.NextThread - 1).InstructionPointer, history.NextAddress);
        history.Advance(1000, null, CancellationToken.None);
        ulong address = history.NextAddress;
        history.Advance(ulong.MaxValue, null, CancellationToken.None);
        history.Seek(1000, CancellationToken.None);
        Assert.Equal(address, history.NextAddress);
        history.Seek(0, CancellationToken.None);
        Assert.Equal(start.PointOf(history.NextThread - 1).InstructionPointer, history.NextAddress);

        Assert.NotEmpty(RaceFinder.Find(copy).Races);
    }

    [Fact]
    public void A_copy_has_the_checkpoint_before_its_events()
    {
        MemoryEventLog copy = LogEdits.BeginAtCheckpoint(Record().Log);
        var order = new OrderedLog(copy.StreamCount);
        LogCopy.CopyTo(copy, order);
        Assert.Equal(0, order.EventsBeforeCheckpoint);
        Assert.Equal(copy.CountBlocks(BlockKind.Checkpoint), order.Checkpoints);
    }

    [Fact]
    public void Without_the_checkpoint_there_is_no_replay()
    {
        MemoryEventLog copy = LogEdits.BeginAtCheckpoint(Record().Log);
        var redacted = new MemoryEventLog(copy.StreamCount);
        new LogRedaction { States = true }.WriteTo(copy, redacted);
        Assert.Throws<ReplayRefusedException>(() => LogCheckpoints.ReadFrom(redacted));
        Assert.Throws<ReplayRefusedException>(() => MachineRunner.Replay(redacted));

        var lost = new MemoryEventLog(copy.StreamCount);
        copy.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> header);
        lost.AppendBlock(BlockKind.Header, header.Span);
        Assert.Throws<LogDamagedException>(() => LogCheckpoints.ReadFrom(lost));
    }

    private static (MemoryEventLog Log, MachineState State) Record()
    {
        var log = new MemoryEventLog(s_racy.Shape.AgentCount);
        MachineState state = CheckpointRunner.Record(s_racy, log, "chaos", seed: 5, events: 100);
        return (log, state);
    }

    private static ulong CountEvents(MemoryEventLog log)
    {
        ulong sum = 0;
        for (int agent = 0; agent < log.StreamCount; agent++)
        {
            var cursor = new EventCursor(log, agent, log.StreamCount);
            for (; cursor.MoveToNext(); cursor.Consume())
                sum++;
        }
        return sum;
    }

    /// <summary>Takes down how many events come before the first checkpoint.</summary>
    private sealed class OrderedLog(int streams) : IEventLog
    {
        private int _events;

        public int StreamCount => streams;

        public int Checkpoints { get; private set; }

        public int EventsBeforeCheckpoint { get; private set; }

        public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
        {
            _events++;
            return default;
        }

        public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
        {
            if (kind == BlockKind.Checkpoint && Checkpoints++ == 0)
                EventsBeforeCheckpoint = _events;
        }

        public void WaitForCommit(LogPosition position)
        {
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
