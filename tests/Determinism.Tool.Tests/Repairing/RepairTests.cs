using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Repairing;

/// <summary>Logs of real recordings, broken, repaired and replayed.</summary>
public class RepairTests
{
    // Several blocks of each agent, in turns, as a recording that commits often writes them.
    private static LogFolder Write(MemoryEventLog recording, LogWriteOptions? options = null) =>
        new(recording.StreamCount, log => CopyInTurns(recording, log), options);

    public static TheoryData<string, double> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, double>();
            foreach (string guest in new[] { "racy", "devices", "falseshare" })
            {
                foreach (double part in new[] { 0.6, 0.8, 0.95 })
                    cuts.Add(guest, part);
            }
            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void A_log_that_broke_off_replays_to_the_end_of_what_is_kept(string guest, double part)
    {
        using LogFolder log = Write(Find(guest));
        ChangedLog.BreakOff(log.Path, part);
        AssertRepairs(log);
    }

    [Theory]
    [InlineData("racy", 0.8)]
    [InlineData("devices", 0.9)]
    [InlineData("falseshare", 0.85)]
    public void Of_a_log_that_is_damaged_inside_all_before_the_damage_is_kept(string guest, double part)
    {
        using LogFolder log = Write(Find(guest));
        ChangedLog.Flip(log.Path, 0, ChangedLog.FindInEvents(log.Path, part));
        Assert.Equal(5, ToolRun.Of("log", "verify", log.Path).Code);
        AssertRepairs(log);
    }

    [Fact]
    public void A_whole_log_is_kept_whole()
    {
        using LogFolder log = Write(SampleLogs.Racy);
        string repaired = log.Beside("repaired.log");
        Assert.Contains("All of it was kept.", ToolRun.Good("log", "repair", log.Path, repaired).Output, StringComparison.Ordinal);
        Assert.True(Replays.Run(repaired).ReachedEveryEnd);
        ToolRun.Good("log", "diff", log.Path, repaired);
    }

    [Fact]
    public void What_is_there_is_never_written_over()
    {
        using LogFolder log = Write(SampleLogs.Racy);
        ChangedLog.BreakOff(log.Path, 0.9);
        string before = Hash(log.Path);
        ToolRun onto = ToolRun.Of("log", "repair", log.Path, log.Path);
        Assert.Equal(4, onto.Code);
        Assert.Contains("already", onto.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Hash(log.Path));
    }

    [Fact]
    public void Of_a_log_that_lost_its_start_nothing_can_be_kept()
    {
        using LogFolder log = Write(SampleLogs.Racy);
        ChangedLog.Flip(log.Path, 0, SegmentStart.Size + 5);
        ToolRun run = ToolRun.Of("log", "repair", log.Path, log.Beside("repaired.log"));
        Assert.Equal(5, run.Code);
        Assert.False(Directory.Exists(log.Beside("repaired.log")));
    }

    [Fact]
    public void Secrets_are_kept_and_what_the_chain_shows_to_be_changed_is_dropped()
    {
        using LogFolder log = Write(SampleLogs.Racy, new LogWriteOptions
        {
            Keys = new LogKeys(ChangedLog.Secret(1), ChangedLog.Secret(2)), Identity = new Guid(1, 2, 3, new byte[8]),
        });
        string key = log.WriteKey("key", 1);
        string chain = log.WriteKey("chain", 2);
        string repaired = log.Beside("repaired.log");
        using (var reader = new FileEventLogReader(log.Path, new LogReadOptions { Keys = new LogKeys(ChangedLog.Secret(1)) }))
        {
            LogBlockInfo[] events = [.. reader.ReadBlocks().Where(block => block.Kind == BlockKind.Events)];
            // The link of a block: only the chain sees it.
            ChangedLog.Flip(log.Path, 0, events[events.Length / 2].Offset + BlockHeader.Size + events[events.Length / 2].StoredBytes);
        }
        Assert.Equal(0, ToolRun.Of("log", "verify", log.Path, "--key", key).Code);
        ToolRun run = ToolRun.Good("log", "repair", log.Path, repaired, "--key", key, "--chain-key", chain, "--json");
        using JsonDocument result = JsonDocument.Parse(run.Output);
        Assert.False(result.RootElement.GetProperty("whole").GetBoolean());
        Assert.True(result.RootElement.GetProperty("streams").EnumerateArray().Sum(one => one.GetProperty("droppedEvents").GetInt64()) > 0);
        Assert.Single(ToolRun.Good("log", "verify", repaired, "--key", key, "--chain-key", chain, "--complete").Lines);
        using var written = new FileEventLogReader(repaired, new LogReadOptions { Keys = new LogKeys(ChangedLog.Secret(1)) });
        Assert.NotEqual(new Guid(1, 2, 3, new byte[8]), written.Identity);
        Assert.Equal(64, ToolRun.Of("log", "repair", log.Path, log.Beside("other.log")).Code);
        Assert.Equal(64, ToolRun.Of("log", "redact", log.Path, log.Beside("other.log"), "--states").Code);
    }

    private static void AssertRepairs(LogFolder log)
    {
        string repaired = log.Beside("repaired.log");
        ToolRun run = ToolRun.Good("log", "repair", log.Path, repaired, "--json");
        using JsonDocument result = JsonDocument.Parse(run.Output);
        ulong[] kept = [.. result.RootElement.GetProperty("streams").EnumerateArray().Select(one => one.GetProperty("keptEvents").GetUInt64())];
        Assert.Contains(kept, events => events > 0);
        ToolRun.Good("log", "verify", repaired, "--complete");
        (ulong[] events, bool reachedEveryEnd) = Replays.Run(repaired);
        Assert.Equal(kept, events);
        Assert.False(reachedEveryEnd);
    }

    internal static void CopyInTurns(MemoryEventLog recording, FileEventLog log)
    {
        const int EventsATurn = 40;
        for (BlockKind kind = BlockKind.Header; kind <= BlockKind.Configuration; kind++)
        {
            if (kind != BlockKind.Events && recording.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                log.AppendBlock(kind, content.Span);
        }
        EventCursor[] cursors = [.. Enumerable.Range(0, recording.StreamCount).Select(stream => new EventCursor(recording, stream, recording.StreamCount))];
        var offsets = new long[cursors.Length];
        for (bool isMore = true; isMore;)
        {
            isMore = false;
            foreach (EventCursor cursor in cursors)
            {
                LogPosition last = default;
                for (int count = 0; count < EventsATurn && cursor.MoveToNext(); count++)
                {
                    int length = (int)(cursor.Offset - offsets[cursor.Stream]);
                    last = log.Append(cursor.Stream, recording.ReadEvents(cursor.Stream, offsets[cursor.Stream]).Span[..length]);
                    offsets[cursor.Stream] = cursor.Offset;
                    cursor.Consume();
                    isMore = true;
                }
                if (last != default)
                    log.WaitForCommit(last);
            }
        }
        if (recording.TryReadBlock(BlockKind.FinalState, out ReadOnlyMemory<byte> state))
            log.AppendBlock(BlockKind.FinalState, state.Span);
        log.Complete();
    }

    private static string Hash(string folder) => string.Join(' ', Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
        .Select(file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))));

    private static MemoryEventLog Find(string guest) => guest switch
    {
        "racy" => SampleLogs.Racy,
        "devices" => SampleLogs.Devices,
        _ => SampleLogs.FalseShare,
    };
}
