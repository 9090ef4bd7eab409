using System.Globalization;
using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.FlightRecording;

/// <summary>Every command on a log whose oldest part was dropped.</summary>
public sealed class FlightLogTests(DroppedLog dropped) : IClassFixture<DroppedLog>
{
    private string Log => dropped.Path;

    [Fact]
    public void It_is_told_where_the_log_begins()
    {
        Assert.Contains($"begins at       checkpoint {dropped.Status.OldestCheckpoint},", ToolRun.Good("log", "info", Log).Output);
        using JsonDocument info = JsonDocument.Parse(ToolRun.Good("log", "info", Log, "--json").Output);
        Assert.Equal(dropped.Status.OldestCheckpoint, info.RootElement.GetProperty("beginsAtCheckpoint").GetInt32());
        ulong first = info.RootElement.GetProperty("firstEvents")[0].GetUInt64();
        Assert.InRange(first, 2UL, dropped.Status.OldestEvents[0]);
        // The first line is the title.
        string[] line = ToolRun.Good("log", "dump", Log).Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["0", first.ToString(CultureInfo.InvariantCulture)], line[..2]);
    }

    [Fact]
    public void It_is_verified_counted_and_exported()
    {
        string intact = ToolRun.Good("log", "verify", Log).Output;
        using var log = new FileEventLogReader(Log);
        long events = log.ReadBlocks().Sum(static block => (long)block.EventCount);
        Assert.StartsWith($"intact: {events} events,", intact);
        Assert.StartsWith($"{events} events,", ToolRun.Good("log", "stats", Log).Output);
        ToolRun.Good("log", "export", Log, Path.Combine(dropped.Folder.FullName, "trace.json"));
    }

    [Fact]
    public void It_is_compared_and_repaired()
    {
        using var log = new FileEventLogReader(Log);
        long events = log.ReadBlocks().Sum(static block => (long)block.EventCount);
        Assert.Contains($"identical: {events} events", ToolRun.Good("log", "diff", Log, Log).Output);
        string whole = Path.Combine(dropped.Folder.FullName, "whole.log");
        Assert.Equal(0, ToolRun.Of("log", "repair", Log, whole).Code);
        Assert.Contains("identical", ToolRun.Good("log", "diff", Log, whole).Output);
        ToolRun.Good("log", "verify", whole);
        using var other = new LogFolder(SampleLogs.Racy);
        ToolRun apart = ToolRun.Of("log", "diff", Log, other.Path);
        Assert.Equal(1, apart.Code);
        Assert.Contains("first events", apart.Output);
    }

    [Fact]
    public void A_redaction_is_refused_with_the_reason()
    {
        ToolRun run = ToolRun.Of("log", "redact", Log, Path.Combine(dropped.Folder.FullName, "shared.log"), "--states");
        Assert.NotEqual(0, run.Code);
        Assert.Contains("oldest part was dropped", run.Errors);
        Assert.False(Directory.Exists(Path.Combine(dropped.Folder.FullName, "shared.log")));
    }
}
