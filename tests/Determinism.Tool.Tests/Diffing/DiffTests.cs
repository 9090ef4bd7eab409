using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Diffing;

public sealed class DiffTests
{
    public static TheoryData<string> Ways() => ["as it is", "compressed", "encrypted", "segments", "blocks"];

    public static TheoryData<string> Plants() =>
        ["kind", "place", "check", "frame", "right", "code", "value", "bytes", "constraints"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void How_a_log_is_stored_is_no_difference(string way)
    {
        using var first = new LogFolder(SampleLogs.Devices);
        byte[] secret = new byte[32];
        File.WriteAllBytes(first.Beside("key"), secret);
        using LogFolder second = way switch
        {
            "compressed" => new LogFolder(SampleLogs.Devices, new LogWriteOptions { Compression = BlockCodec.Lz4 }),
            "encrypted" => new LogFolder(SampleLogs.Devices, new LogWriteOptions { Keys = new LogKeys(secret), Identity = Guid.NewGuid() }),
            "segments" => new LogFolder(SampleLogs.Devices, new LogWriteOptions { SegmentBytes = 4096 }),
            "blocks" => Reblocked(SampleLogs.Devices),
            _ => new LogFolder(SampleLogs.Devices),
        };

        ToolRun run = ToolRun.Good("log", "diff", first.Path, second.Path, "--key", first.Beside("key"));

        long events = SampleEvents(SampleLogs.Devices);
        Assert.Equal($"The logs are identical: {events} events of 3 agents.\n", run.Output);
        JsonElement json = JsonDocument.Parse(
            ToolRun.Good("log", "diff", first.Path, second.Path, "--json", "--key", first.Beside("key")).Output).RootElement;
        Assert.True(json.GetProperty("identical").GetBoolean());
        Assert.Equal(events, json.GetProperty("equalEvents").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Plants))]
    public void Every_field_of_an_event_is_compared(string field)
    {
        var edited = new EditedLog(SampleLogs.Devices);
        (int agent, int number) = Plant(edited, field);
        using var first = new LogFolder(SampleLogs.Devices);
        using var second = new LogFolder(edited.ToLog());

        foreach ((LogFolder one, LogFolder other) in new[] { (first, second), (second, first) })
        {
            ToolRun run = ToolRun.Of("log", "diff", one.Path, other.Path);
            Assert.Equal((int)ExitCode.Divergence, run.Code);
            Assert.Contains($"First difference, with equal causes: agent {agent}, event {number}: ", run.Output, StringComparison.Ordinal);
            JsonElement json = JsonDocument.Parse(ToolRun.Of("log", "diff", one.Path, other.Path, "--json").Output).RootElement;
            JsonElement leading = json.GetProperty("events")[0];
            Assert.Equal(agent, leading.GetProperty("agent").GetInt32());
            Assert.Equal(number, leading.GetProperty("event").GetInt32());
            Assert.Contains(field, leading.GetProperty("fields").EnumerateArray().Select(each => each.GetString()));
            Assert.Equal(1, json.GetProperty("events").GetArrayLength());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stream_that_ends_early_is_a_difference_whichever_log_has_it(bool isFirstShorter)
    {
        var edited = new EditedLog(SampleLogs.Racy);
        List<LoggedEvent> stream = edited.Streams[1];
        stream.RemoveAt(stream.Count - 1);
        using var whole = new LogFolder(SampleLogs.Racy);
        using var shorter = new LogFolder(edited.ToLog());

        ToolRun run = isFirstShorter
            ? ToolRun.Of("log", "diff", shorter.Path, whole.Path)
            : ToolRun.Of("log", "diff", whole.Path, shorter.Path);

        Assert.Equal((int)ExitCode.Divergence, run.Code);
        Assert.Contains($"agent 1, event {stream.Count + 1}: existence.", run.Output, StringComparison.Ordinal);
        Assert.Contains("has ended", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cause_is_named_before_what_follows_from_it()
    {
        using var first = new LogFolder(Chain(inputOfAgent1: 1, checkOfAgent0: 1).ToLog());
        using var second = new LogFolder(Chain(inputOfAgent1: 2, checkOfAgent0: 2).ToLog());

        JsonElement events = JsonDocument.Parse(ToolRun.Of("log", "diff", first.Path, second.Path, "--json").Output)
            .RootElement.GetProperty("events");

        Assert.Equal([(1, 1, true), (0, 2, false)], events.EnumerateArray().Select(each => (each.GetProperty("agent").GetInt32(),
            each.GetProperty("event").GetInt32(), each.GetProperty("causesEqual").GetBoolean())));
    }

    [Fact]
    public void Differences_that_have_nothing_to_do_with_each_other_have_both_equal_causes()
    {
        EditedLog edited = Chain(1, 1);
        edited.Change(0, one => one.One.Kind == EventKind.Digest, one => one with { One = one.One with { Value = 99 } });
        edited.Change(1, one => one.One.Kind == EventKind.End, one => one with { One = one.One with { Check = 99 } });
        using var first = new LogFolder(Chain(1, 1).ToLog());
        using var second = new LogFolder(edited.ToLog());

        JsonElement events = JsonDocument.Parse(ToolRun.Of("log", "diff", first.Path, second.Path, "--json").Output)
            .RootElement.GetProperty("events");

        Assert.Equal(2, events.GetArrayLength());
        Assert.All(events.EnumerateArray(), each => Assert.True(each.GetProperty("causesEqual").GetBoolean()));
    }

    [Theory]
    [InlineData(BlockKind.Header, "guest: ")]
    [InlineData(BlockKind.FinalState, "final state: ")]
    [InlineData(BlockKind.GuestImage, "guest image: ")]
    [InlineData(BlockKind.Configuration, "configuration: ")]
    [InlineData(BlockKind.Redactions, "redactions: ")]
    public void What_is_beside_the_events_is_compared(BlockKind kind, string named)
    {
        var edited = new EditedLog(SampleLogs.Racy);
        if (kind == BlockKind.Header)
            edited.Blocks[kind] = (LogHeader.FromBytes(edited.Blocks[kind]) with { Guest = "other" }).ToBytes();
        else if (kind == BlockKind.Redactions)
            edited.Blocks[kind] = "gone"u8.ToArray();
        else
            edited.Blocks[kind][^1] ^= 1;
        using var first = new LogFolder(SampleLogs.Racy);
        using var second = new LogFolder(edited.ToLog());

        ToolRun run = ToolRun.Of("log", "diff", first.Path, second.Path);

        Assert.Equal((int)ExitCode.Divergence, run.Code);
        Assert.Contains("\n" + named, run.Output, StringComparison.Ordinal);
        Assert.Contains("events are equal", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sharing_profile_is_no_difference()
    {
        var edited = new EditedLog(SampleLogs.Racy);
        Assert.True(edited.Blocks.Remove(BlockKind.SharingProfile));
        using var first = new LogFolder(SampleLogs.Racy);
        using var second = new LogFolder(edited.ToLog());
        ToolRun.Good("log", "diff", first.Path, second.Path);
    }

    [Fact]
    public void Promises_are_named_in_words()
    {
        var edited = new EditedLog(SampleLogs.Racy);
        LogHeader header = LogHeader.FromBytes(edited.Blocks[BlockKind.Header]) with { SharedFrames = [], PrivateFrames = [] };
        edited.Blocks[BlockKind.Header] = header.ToBytes();
        using var without = new LogFolder(edited.ToLog());
        edited.Blocks[BlockKind.Header] = (header with
        {
            SharedFrames = [new FrameRange(0x400, 2), new FrameRange(0x500, 1)],
            PrivateFrames = [new OwnedFrames(1, new FrameRange(16, 3))],
        }).ToBytes();
        using var with = new LogFolder(edited.ToLog());
        string[] lines = ToolRun.Of("log", "diff", without.Path, with.Path).Lines;
        Assert.Equal(["shared frames: none | 2 from 0x400, 1 from 0x500", "private frames: none | 3 from 0x10 of agent 1"], lines[1..3]);
    }

    [Fact]
    public void Logs_of_other_machines_or_cut_short_differ()
    {
        using var two = new LogFolder(Chain(1, 1).ToLog());
        using var three = new LogFolder(SampleLogs.Racy);
        using var open = new LogFolder(2, log => CopyEvents(Chain(1, 1).ToLog(), log));
        Assert.Contains("agents: 2 | 3", ToolRun.Of("log", "diff", two.Path, three.Path).Output, StringComparison.Ordinal);
        ToolRun run = ToolRun.Of("log", "diff", two.Path, open.Path);
        Assert.Equal((int)ExitCode.Divergence, run.Code);
        Assert.Contains("completed: yes | no", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Both_sides_are_shown_with_as_many_events_around_as_asked_for(int context)
    {
        var edited = new EditedLog(SampleLogs.Devices);
        (_, int number) = Plant(edited, "value");
        using var first = new LogFolder(SampleLogs.Devices);
        using var second = new LogFolder(edited.ToLog());

        ToolRun run = ToolRun.Of("log", "diff", first.Path, second.Path, "--context", $"{context}");

        Assert.Equal(2, run.Lines.Count(line => line.StartsWith("> ", StringComparison.Ordinal)));
        Assert.Equal(4 * context, run.Lines.Count(line => line.StartsWith("  ", StringComparison.Ordinal)));
        Assert.Equal(2, run.Lines.Count(line => line.StartsWith('>') && line.Contains($" {number}  ", StringComparison.Ordinal)));
    }

    private static (int Agent, int Number) Plant(EditedLog log, string field)
    {
        static LoggedEvent With(LoggedEvent one, Func<StreamEvent, StreamEvent> change) => one with { One = change(one.One) };
        return field switch
        {
            "kind" => (0, log.Change(0, one => one.One is { Kind: EventKind.Input, HasBytes: false }, one => With(one, each => each with { Kind = EventKind.Asynchronous }))),
            "place" => (0, log.Change(0, one => one.One.Kind == EventKind.End, one => With(one, each => each with { Position = each.Position + 1 }))),
            "check" => (1, log.Change(1, one => one.One.Kind == EventKind.Reduction, one => With(one, each => each with { Check = (byte)(each.Check ^ 1) }))),
            "frame" => (1, log.Change(1, one => one.One.Kind == EventKind.Elevation, one => With(one, each => each with { Frame = each.Frame ^ 1 }))),
            "right" => (1, log.Change(1, one => one.One is { Kind: EventKind.Reduction, NewRight: AccessRight.None }, one => With(one, each => each with { OldRight = each.OldRight ^ AccessRight.Read ^ AccessRight.ReadWrite }))),
            "code" => (0, log.Change(0, one => one.One.Kind == EventKind.Input, one => With(one, each => each with { Code = 77 }))),
            "value" => (0, log.Change(0, one => one.One is { Kind: EventKind.Input, HasBytes: false }, one => With(one, each => each with { Value = each.Value ^ (1UL << 63) }))),
            "bytes" => FindBytes(log),
            _ => (1, log.Change(1, one => one.Constraints.Length > 0, one => one with { Constraints = [one.Constraints[0] with { EventNumber = one.Constraints[0].EventNumber - 1 }] })),
        };
    }

    private static (int Agent, int Number) FindBytes(EditedLog log)
    {
        int agent = Array.FindIndex(log.Streams, stream => stream.Exists(one => one.Bytes.Length > 0));
        return (agent, log.Change(agent, one => one.Bytes.Length > 0, one => one with { Bytes = [.. one.Bytes, 0] }));
    }

    // Agent 1 gets an input and loses a frame; agent 0 takes the frame, and so sees what agent 1 got.
    private static EditedLog Chain(ulong inputOfAgent1, byte checkOfAgent0)
    {
        var log = new EditedLog(2);
        log.Add(0, new StreamEvent { Kind = EventKind.Digest, Place = PlaceKind.Count, Position = 1, Value = 5 });
        log.Add(0, new StreamEvent { Kind = EventKind.Elevation, Place = PlaceKind.Count, Position = 2, Frame = 3, NewRight = AccessRight.Read, Check = checkOfAgent0 },
            new OrderingConstraint(1, 2));
        log.Add(0, new StreamEvent { Kind = EventKind.End, Place = PlaceKind.Count, Position = 3 });
        log.Add(1, new StreamEvent { Kind = EventKind.Input, Place = PlaceKind.Count, Position = 500, Code = 1, Value = inputOfAgent1 });
        log.Add(1, new StreamEvent { Kind = EventKind.Reduction, Place = PlaceKind.Count, Position = 600, Frame = 3, OldRight = AccessRight.ReadWrite, NewRight = AccessRight.Read });
        log.Add(1, new StreamEvent { Kind = EventKind.End, Place = PlaceKind.Count, Position = 601 });
        return log;
    }

    private static void CopyEvents(MemoryEventLog log, FileEventLog target)
    {
        for (int stream = 0; stream < log.StreamCount; stream++)
            target.Append(stream, log.ReadEvents(stream, 0).Span);
    }

    // A block for each few events, and the streams in another order.
    private static LogFolder Reblocked(MemoryEventLog log) => new(log.StreamCount, target =>
    {
        foreach ((BlockKind kind, byte[] content) in new EditedLog(log).Blocks)
            target.AppendBlock(kind, content);
        for (int stream = log.StreamCount - 1; stream >= 0; stream--)
        {
            var cursor = new EventCursor(log, stream, log.StreamCount);
            LogPosition last = default;
            long offset = 0;
            for (; cursor.MoveToNext(); cursor.Consume())
            {
                last = target.Append(stream, log.ReadEvents(stream, offset).Span[..(int)(cursor.Offset - offset)]);
                offset = cursor.Offset;
                if (cursor.Consumed % 7 == 0)
                    target.WaitForCommit(last);
            }
        }
        target.Complete();
    });

    private static long SampleEvents(MemoryEventLog log) => new EditedLog(log).Streams.Sum(stream => (long)stream.Count);
}
