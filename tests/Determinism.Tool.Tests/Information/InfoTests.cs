using System.Text.Json;
using Determinism.Checkpoints;
using Determinism.Emulation;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;
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
    public void It_tells_where_a_log_begins_and_whose_child_it_is()
    {
        using var travel = new TimeTravel(SampleLogs.Devices, new ManagedBackend(), TimeProvider.System);
        travel.GoToEvent(0, 20);
        ReplaySnapshot from = travel.TakeSnapshot();
        var child = new MemoryEventLog(SampleLogs.Devices.StreamCount);
        using (var machine = new GuestMachine(travel.Configuration, new ManagedBackend(),
            new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0 }))
        {
            using RecordingSession session = MachineRuns.StartRecording(
                machine, child, new SerialScheduler(), TimeProvider.System, options => options with { From = from });
            machine.Run(session);
        }
        using var log = new LogFolder(child, new LogWriteOptions());
        string text = ToolRun.Good("log", "info", log.Path).Output;
        Assert.Contains("begins          at its first checkpoint\n", text, StringComparison.Ordinal);
        Assert.Contains("parent          a log without identity, header 0x", text, StringComparison.Ordinal);
        Assert.Contains($"from            {from.Cut}\n", text, StringComparison.Ordinal);
        using JsonDocument found = JsonDocument.Parse(ToolRun.Good("log", "info", log.Path, "--json").Output);
        Assert.True(found.RootElement.GetProperty("header").GetProperty("beginsAtCheckpoint").GetBoolean());
        Assert.Equal(from.Cut.Positions.Select(static one => one.Events),
            found.RootElement.GetProperty("parent").GetProperty("agents").EnumerateArray().Select(static one => one.GetProperty("events").GetUInt64()));
        ToolRun.Good("log", "verify", log.Path);

        using var parent = new LogFolder(SampleLogs.Devices, new LogWriteOptions());
        text = ToolRun.Good("log", "info", parent.Path).Output;
        Assert.Contains("begins          with the machine as loaded\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("parent ", text, StringComparison.Ordinal);
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
