using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Information;

public class InfoTests
{
    [Fact]
    public void It_tells_what_is_in_a_log()
    {
        using var log = new LogFolder(SampleLogs.Devices, new LogWriteOptions { SegmentBytes = 4096, Compression = BlockCodec.Lz4 });
        string text = ToolRun.Good("log", "info", log.Path).Output;
        foreach (string part in new[]
        {
            "version 1\n", "state           complete", "2 vCPUs, 1 device agents, 16777216 bytes of memory in frames of 4096", "polls that the guest counts",
            "guest           devices", "Header ", "GuestImage ", "Trailer ", "Index ",
        })
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_agrees_with_the_log()
    {
        using var log = new LogFolder(SampleLogs.Devices, new LogWriteOptions { SegmentBytes = 4096 });
        using JsonDocument found = JsonDocument.Parse(ToolRun.Good("log", "info", log.Path, "--json").Output);
        JsonElement root = found.RootElement;
        using var reader = new FileEventLogReader(log.Path);
        Assert.Equal(reader.SegmentCount, root.GetProperty("segments").GetArrayLength());
        Assert.True(root.GetProperty("complete").GetBoolean());
        Assert.Equal("SoftwareCounter", root.GetProperty("header").GetProperty("clock").GetString());
        Assert.Equal(new DirectoryInfo(log.Path).EnumerateFiles("*.detlog").Sum(file => file.Length),
            root.GetProperty("segments").EnumerateArray().Sum(one => one.GetProperty("bytes").GetInt64()));
        LogBlockInfo[] blocks = [.. reader.ReadBlocks()];
        Assert.Equal(blocks.Length, root.GetProperty("blocks").EnumerateArray().Sum(one => one.GetProperty("number").GetInt32()));
        foreach (JsonElement stream in root.GetProperty("streams").EnumerateArray())
        {
            int agent = stream.GetProperty("agent").GetInt32();
            LogBlockInfo[] own = [.. blocks.Where(block => block.Stream == agent)];
            Assert.Equal(own.Sum(block => block.EventCount), stream.GetProperty("events").GetInt32());
            Assert.Equal(own.Sum(block => block.EventBytes), stream.GetProperty("bytes").GetInt32());
            Assert.Equal(own[^1].LastExit, stream.GetProperty("lastExit").GetUInt64());
        }
    }

    [Fact]
    public void An_encrypted_log_shows_its_outside_without_the_key()
    {
        using var log = new LogFolder(SampleLogs.Racy, new LogWriteOptions
        {
            Keys = new LogKeys(ChangedLog.Secret(1), ChangedLog.Secret(2)), Identity = new Guid(1, 2, 3, new byte[8]),
        });
        string text = ToolRun.Good("log", "info", log.Path).Output;
        Assert.Contains("version 1, encrypted, chained", text, StringComparison.Ordinal);
        Assert.Contains("00000001-0002-0003-", text, StringComparison.Ordinal);
        Assert.Contains("encrypted; --key gives its secret", text, StringComparison.Ordinal);
        Assert.Contains("guest           racy", ToolRun.Good("log", "info", log.Path, "--key", log.WriteKey("key", 1)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_broke_off_and_one_that_is_damaged_are_told_apart()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ChangedLog.Flip(log.Path, 0, 70);
        ToolRun damaged = ToolRun.Of("log", "info", log.Path);
        Assert.Equal(5, damaged.Code);
        Assert.Contains("state           damaged: ", damaged.Output, StringComparison.Ordinal);
        ChangedLog.Flip(log.Path, 0, 70);
        ChangedLog.BreakOff(log.Path, 0.7);
        Assert.Contains("state           not complete; ", ToolRun.Good("log", "info", log.Path).Output, StringComparison.Ordinal);
    }
}
