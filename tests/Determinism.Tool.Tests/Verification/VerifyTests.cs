using System.Buffers.Binary;
using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Verification;

public class VerifyTests
{
    private static readonly LogWriteOptions s_secret = new()
    {
        Keys = new LogKeys(ChangedLog.Secret(1), ChangedLog.Secret(2)), Identity = new Guid(1, 2, 3, new byte[8]), SegmentBytes = 8192,
    };

    [Fact]
    public void A_whole_log_is_intact()
    {
        using var log = new LogFolder(SampleLogs.Devices);
        ToolRun run = ToolRun.Good("log", "verify", log.Path, "--complete");
        Assert.StartsWith("intact: ", run.Output, StringComparison.Ordinal);
        Assert.Single(run.Lines);
    }

    [Fact]
    public void A_log_with_secrets_is_checked_as_far_as_they_are_given()
    {
        using var log = new LogFolder(SampleLogs.Racy, s_secret);
        string key = log.WriteKey("key", 1, asText: true);
        string chain = log.WriteKey("chain", 2);
        Assert.Single(ToolRun.Good("log", "verify", log.Path, "--key", key, "--chain-key", chain).Lines);
        Assert.Contains("Not checked: the chain", ToolRun.Good("log", "verify", log.Path, "--key", key).Output, StringComparison.Ordinal);
        Assert.Contains("Not checked: contents", ToolRun.Good("log", "verify", log.Path, "--chain-key", chain).Output, StringComparison.Ordinal);
        ToolRun wrong = ToolRun.Of("log", "verify", log.Path, "--chain-key", key);
        Assert.Equal(5, wrong.Code);
        Assert.Contains("or the secret is another", wrong.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_looked_into_is_not_counted()
    {
        using var log = new LogFolder(SampleLogs.Racy, s_secret);
        string key = log.WriteKey("key", 1);
        Assert.DoesNotContain("constraints", ToolRun.Good("log", "verify", log.Path).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("constraints", ToolRun.Good("log", "verify", log.Path, "--json").Output, StringComparison.Ordinal);
        Assert.Contains(" constraints, ", ToolRun.Good("log", "verify", log.Path, "--key", key).Output, StringComparison.Ordinal);
        Assert.Contains("\"constraints\": ", ToolRun.Good("log", "verify", log.Path, "--key", key, "--json").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_log_is_not_said_to_be_encrypted()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        Directory.CreateDirectory(log.Beside("empty"));
        ToolRun empty = ToolRun.Of("log", "verify", log.Beside("empty"));
        Assert.Equal(5, empty.Code);
        Assert.Equal(["damaged: 1 problem, the first:", "This is not a log: it has no segment."], empty.Lines);
        ChangedLog.Flip(log.Path, 0, 1);
        ToolRun other = ToolRun.Of("log", "verify", log.Path);
        Assert.Equal(5, other.Code);
        Assert.DoesNotContain("encrypted", other.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_named_and_counted()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ChangedLog.Flip(log.Path, 0, SegmentStart.Size + BlockHeader.Size + 5);
        ToolRun run = ToolRun.Of("log", "verify", log.Path);
        Assert.Equal(5, run.Code);
        Assert.Equal("damaged: 1 problem, the first:", run.Lines[0]);
        Assert.Equal("segment 0, offset 64, block 0: The block's content is damaged.", run.Lines[1]);

        ToolRun json = ToolRun.Of("log", "verify", log.Path, "--json");
        Assert.Equal(5, json.Code);
        using JsonDocument found = JsonDocument.Parse(json.Output);
        Assert.False(found.RootElement.GetProperty("intact").GetBoolean());
        JsonElement problem = Assert.Single(found.RootElement.GetProperty("problems").EnumerateArray());
        Assert.Equal((0, 64, 0), (problem.GetProperty("segment").GetInt32(), problem.GetProperty("offset").GetInt32(),
            problem.GetProperty("block").GetInt32()));
    }

    [Fact]
    public void A_log_that_was_not_completed_is_intact_unless_more_is_asked()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ChangedLog.BreakOff(log.Path, 0.7);
        Assert.Contains("was not completed", ToolRun.Good("log", "verify", log.Path).Output, StringComparison.Ordinal);
        ToolRun asked = ToolRun.Of("log", "verify", log.Path, "--complete");
        Assert.Equal(5, asked.Code);
        Assert.StartsWith("not complete: ", asked.Output, StringComparison.Ordinal);
        using JsonDocument found = JsonDocument.Parse(ToolRun.Good("log", "verify", log.Path, "--json").Output);
        Assert.True(found.RootElement.GetProperty("tail").GetProperty("ignoredBytes").GetInt64() > 0);
    }

    [Fact]
    public void A_log_of_a_later_version_is_not_damaged_but_unsupported()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ChangedLog.Change(log.Path, 0, bytes =>
        {
            bytes[8] = 3;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
            return bytes;
        });
        foreach (string command in new[] { "verify", "info", "dump" })
        {
            ToolRun run = ToolRun.Of("log", command, log.Path);
            Assert.Equal(3, run.Code);
            Assert.Contains("format version 3", run.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_no_log_is_said_to_be_none()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        Assert.Equal(4, ToolRun.Of("log", "verify", log.Beside("nothing")).Code);
        string empty = Directory.CreateDirectory(log.Beside("empty")).FullName;
        Assert.Equal(5, ToolRun.Of("log", "verify", empty).Code);
        Assert.Equal(5, ToolRun.Of("log", "info", empty).Code);
    }

    [Fact]
    public void A_wrong_command_line_is_told_from_all_else()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        string shortKey = log.Beside("short");
        File.WriteAllText(shortKey, "0123");
        string[][] wrong =
        [
            [], [log.Path, "--nonsense"], [log.Path, "more"], [log.Path, "--key", shortKey], [log.Path, "--chain-key", log.Beside("none")],
        ];
        Assert.All(wrong, arguments => Assert.Equal(64, ToolRun.Of(["log", "verify", .. arguments]).Code));
    }

    [Theory]
    [InlineData("info")]
    [InlineData("verify")]
    [InlineData("repair")]
    [InlineData("redact")]
    public void Help_has_examples(string command)
    {
        ToolRun run = ToolRun.Good("log", command, "--help");
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.Contains($"determinism log {command} ", run.Output, StringComparison.Ordinal);
    }
}
