using System.IO.Hashing;
using Determinism.Checkpoints;
using Determinism.Log.Fuzz;
using Determinism.Log.Tests.SecondReader;
using Determinism.Log.Tests.Support;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Machine.Tests.Checkpoints;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.Log.Tests.Checkpoints;

/// <summary>Logs that begin at a state, name a parent, and end where the recording was detached, in files.</summary>
public class BegunLogTests
{
    private static readonly MachineConfiguration s_configuration =
        MachineRunner.Configure("devices", 2, ClockKind.RetiredInstructions) with { Parameters = [20, 1_000_000, 40] };

    private static readonly Lazy<(MemoryEventLog Parent, MemoryEventLog Child)> s_logs = new(Record);

    public static TheoryData<string> ShapeNames => [.. Shapes.All.Keys];

    [Theory]
    [MemberData(nameof(ShapeNames))]
    public void Both_readers_agree_and_it_is_intact(string shape)
    {
        LogWriteOptions options = Shapes.All[shape];
        MemoryStorage storage = Write(s_logs.Value.Child, options);
        Agreement.Check(storage.Copy(), options.Keys?.CanDecrypt == true ? Secrets.Encryption : null,
            options.Keys?.CanVerify == true ? Secrets.Chain : null);
        using var log = new FileEventLogReader(storage, new LogReadOptions { Keys = options.Keys });
        LogVerification found = LogVerifier.Verify(storage, new LogReadOptions { Keys = options.Keys });
        Assert.True(found.IsIntact, string.Join('\n', found.Problems));
        Replay(log);
    }

    [Fact]
    public void The_page_says_where_it_comes_from_and_where_it_ends()
    {
        (MemoryEventLog parent, MemoryEventLog child) = s_logs.Value;
        var second = new SecondLog(Write(child, new LogWriteOptions()).Copy());
        SecondCut from = SecondCut.ReadParent(second.First(8)!.Plain, 3);
        parent.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> header);
        Assert.Equal(XxHash3.HashToUInt64(header.Span), from.HeaderDigest);
        Assert.Equal(new byte[16], from.Identity);
        Assert.Equal(LogCheckpoints.ReadFrom(parent).All[1].Cut.Positions.Select(static one => (one.Events, (byte)one.Place, one.Position)), from.Agents);
        SecondCut end = SecondCut.ReadEnd(second.First(14)!.Plain, 3);
        Assert.Equal(second.Events.Select(static stream => (ulong)stream.Count), end.Agents.Select(static one => one.Events));
        Assert.True(Header.Read(second.First(1)!.Plain).BeginsAtCheckpoint);
    }

    [Fact]
    public void A_repair_keeps_all_of_it()
    {
        var repaired = new MemoryStorage();
        Assert.True(LogRepair.Repair(Write(s_logs.Value.Child, new LogWriteOptions()), repaired).IsWhole);
        using var log = new FileEventLogReader(repaired);
        Replay(log);
        Assert.True(ParentLog.Find(log)!.IsOf(s_logs.Value.Parent));
    }

    [Fact]
    public void One_that_has_lost_its_beginning_is_not_repaired()
    {
        MemoryStorage storage = Write(s_logs.Value.Child, new LogWriteOptions());
        LogBlockInfo block;
        using (var log = new FileEventLogReader(storage))
            block = log.ReadBlocks().First(static one => one.Kind == BlockKind.Checkpoint);
        SortedDictionary<string, byte[]> files = storage.Copy();
        files[SegmentWriter.NameOf(block.Segment)][block.Offset + BlockHeader.Size + 1] ^= 1;
        var target = new MemoryStorage();
        Assert.Contains("is not in it", Assert.Throws<LogDamagedException>(() => LogRepair.Repair(new MemoryStorage(files), target)).Message,
            StringComparison.Ordinal);
        Assert.Empty(target.List());
    }

    [Fact]
    public void What_was_cut_short_begins_there_and_breaks_off()
    {
        MemoryEventLog child = s_logs.Value.Child;
        var cut = new StreamCut[child.StreamCount];
        for (int stream = 0; stream < cut.Length; stream++)
        {
            var cursor = new EventCursor(child, stream, child.StreamCount);
            long bytes = 0;
            for (; cursor.Consumed < 3 && cursor.MoveToNext(); cursor.Consume())
                bytes = cursor.Offset;
            cut[stream] = new StreamCut(cursor.Consumed, bytes, 1);
        }
        var closed = ClosedLog.Of(new ClosedLog(child, cut));
        Assert.Null(LogEnd.Find(closed));
        Assert.False(closed.TryReadBlock(BlockKind.FinalState, out _));
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(closed));
        using ReplaySession session = MachineRuns.StartReplay(machine, closed);
        machine.Run(session);
        Assert.False(session.ReachedEveryEnd);
    }

    [Fact]
    public void An_end_that_says_more_events_than_there_are_is_a_problem()
    {
        MemoryEventLog child = s_logs.Value.Child;
        var edited = new MemoryStorage();
        using (var log = new FileEventLog(edited, child.StreamCount, new LogWriteOptions()))
        {
            Cut end = LogEnd.Find(child)!;
            LogCopy.CopyBlocks(child, log, static kind => !LogEnd.IsOfEnd(kind));
            log.AppendBlock(BlockKind.LogEnd, LogEnd.ToBytes(end.With(0, end.Positions[0] with { Events = end.Positions[0].Events + 1 })));
            log.Complete();
        }
        Assert.Contains(LogVerifier.Verify(edited).Problems, static problem => problem.Message.Contains("detached", StringComparison.Ordinal));
        using var reader = new FileEventLogReader(edited);
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(reader));
        using ReplaySession session = MachineRuns.StartReplay(machine, reader);
        machine.Run(session);
        Assert.False(session.ReachedEveryEnd);
    }

    private static void Replay(IEventLogReader log)
    {
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(log));
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
        Assert.True(session.ReachedEveryEnd);
    }

    private static MemoryStorage Write(MemoryEventLog log, LogWriteOptions options)
    {
        var storage = new MemoryStorage();
        using var target = new FileEventLog(storage, log.StreamCount, options);
        LogCopy.CopyTo(log, target);
        return storage;
    }

    private static (MemoryEventLog, MemoryEventLog) Record()
    {
        var parent = new MemoryEventLog(3);
        CheckpointRunner.Record(s_configuration, parent, "chaos", seed: 4, events: 60);
        var child = new MemoryEventLog(3);
        using GuestMachine machine = MachineRunner.NewMachine(s_configuration);
        using RecordingSession session = MachineRuns.StartRecording(machine, child, new ParallelScheduler(), TimeProvider.System,
            options => options with { From = LogCheckpoints.ReadFrom(parent).All[1] });
        Task run = Task.Run(() => machine.Run(session));
        while (session.Agent(0).CompletedEvents < 20)
            Thread.Yield();
        session.HandOver();
        run.GetAwaiter().GetResult();
        Assert.NotNull(LogEnd.Find(child));
        return (parent, child);
    }
}
