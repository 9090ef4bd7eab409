using System.Text.Json;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Redacting;

public class RedactTests
{
    [Fact]
    public void Without_states_a_log_replays_to_the_same_end()
    {
        using var log = new LogFolder(SampleLogs.RacyWithStates);
        string shared = log.Beside("shared.log");
        Assert.True(CountStates(log.Path) > 0);
        ToolRun run = ToolRun.Good("log", "redact", log.Path, shared, "--states");
        Assert.StartsWith($"taken out: {CountStates(log.Path)} states, 0 payloads (0 bytes)", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, CountStates(shared));
        Assert.True(Replays.Run(shared).ReachedEveryEnd);
        ToolRun.Good("log", "verify", shared, "--complete");
        Assert.Contains("taken out       states", ToolRun.Good("log", "info", shared).Output, StringComparison.Ordinal);
        Assert.True(FolderBytes(shared) < FolderBytes(log.Path));
    }

    [Fact]
    public void Of_a_damaged_log_no_half_is_left_and_nothing_is_overwritten()
    {
        using var log = new LogFolder(SampleLogs.Devices);
        string shared = log.Beside("shared.log");
        Assert.Equal((int)ExitCode.Failed, ToolRun.Of("log", "redact", log.Path, log.Path, "--states").Code);
        ToolRun.Good("log", "verify", log.Path, "--complete");
        ChangedLog.Flip(log.Path, 0, ChangedLog.FindInEvents(log.Path, 0.9));
        Assert.Equal((int)ExitCode.Damaged, ToolRun.Of("log", "redact", log.Path, shared, "--states").Code);
        Assert.False(Path.Exists(shared));
    }

    [Fact]
    public void Without_payloads_a_log_is_refused_by_a_replay()
    {
        using var log = new LogFolder(SampleLogs.Devices);
        string shared = log.Beside("shared.log");
        using JsonDocument result = JsonDocument.Parse(ToolRun.Good("log", "redact", log.Path, shared, "--payload", "all", "--json").Output);
        Assert.True(result.RootElement.GetProperty("payloadBytes").GetInt64() > 0);
        List<StreamEvent> before = Inputs(log.Path, out List<byte[]> bytesBefore);
        List<StreamEvent> after = Inputs(shared, out List<byte[]> bytesAfter);
        Assert.Equal(before.Select(one => (one.Code, one.Position, one.HasBytes)), after.Select(one => (one.Code, one.Position, one.HasBytes)));
        Assert.Equal(bytesBefore.Select(bytes => bytes.Length), bytesAfter.Select(bytes => bytes.Length));
        Assert.All(bytesAfter, bytes => Assert.All(bytes, one => Assert.Equal(0, one)));
        Assert.All(after, one => Assert.Equal(0UL, one.Value));
        var refused = Assert.Throws<ReplayRefusedException>(() => Replays.Run(shared));
        Assert.Contains("taken out of it: payload all", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Payloads_of_other_codes_stay()
    {
        using var log = new LogFolder(SampleLogs.Devices);
        string shared = log.Beside("shared.log");
        ToolRun.Good("log", "redact", log.Path, shared, "--payload", "3");
        List<StreamEvent> before = Inputs(log.Path, out _);
        List<StreamEvent> after = Inputs(shared, out _);
        Assert.Contains(before, one => one is { Code: 3, Value: > 0 });
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First.Code == 3 ? 0UL : pair.First.Value, pair.Second.Value));
        Assert.Throws<ReplayRefusedException>(() => Replays.Run(shared));
    }

    [Fact]
    public void A_block_that_is_taken_out_leaves_its_digest_and_can_come_from_elsewhere()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        string shared = log.Beside("shared.log");
        ToolRun.Good("log", "redact", log.Path, shared, "--block", "image", "disk");
        using var reader = new FileEventLogReader(shared);
        Assert.False(reader.TryReadBlock(BlockKind.GuestImage, out _));
        Assert.True(SampleLogs.Racy.TryReadBlock(BlockKind.GuestImage, out ReadOnlyMemory<byte> image));
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image.Span));
        Assert.Equal($"block image {image.Length} sha256:{digest}", LogRedaction.ReadLines(reader)[0]);
        var refused = Assert.Throws<ReplayRefusedException>(() => MachineConfiguration.ReadFrom(reader));
        Assert.Contains("taken out were block image", refused.Message, StringComparison.Ordinal);
        Assert.True(Replays.Run(shared, MachineConfiguration.ReadFrom(SampleLogs.Racy)).ReachedEveryEnd);
    }

    [Fact]
    public void What_was_taken_out_before_is_said_still()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        string twice = log.Beside("twice.log");
        ToolRun.Good("log", "redact", log.Path, log.Beside("once.log"), "--payload", "7");
        ToolRun.Good("log", "redact", log.Beside("once.log"), twice, "--states");
        using var reader = new FileEventLogReader(twice);
        Assert.Equal(["payload 7", "states"], LogRedaction.ReadLines(reader));
        Assert.Throws<ReplayRefusedException>(() => Replays.Run(twice));
    }

    [Fact]
    public void A_redaction_that_nobody_knows_prevents_a_replay()
    {
        using var log = new LogFolder(SampleLogs.Racy.StreamCount, target =>
        {
            target.AppendBlock(BlockKind.Redactions, "something else\n"u8);
            LogCopy.CopyTo(SampleLogs.Racy, target);
        });
        Assert.Throws<ReplayRefusedException>(() => Replays.Run(log.Path));
    }

    [Fact]
    public void A_log_that_is_not_complete_is_to_be_repaired_first()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ChangedLog.BreakOff(log.Path, 0.9);
        ToolRun run = ToolRun.Of("log", "redact", log.Path, log.Beside("shared.log"), "--states");
        Assert.Equal(4, run.Code);
        Assert.Contains("log repair", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_command_line_is_told_from_all_else()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        string[][] wrong = [[], ["--payload", "some"], ["--block", "header"], ["--payload", "-1"]];
        Assert.All(wrong, arguments =>
            Assert.Equal(64, ToolRun.Of(["log", "redact", log.Path, log.Beside("shared.log"), .. arguments]).Code));
        Assert.Equal(4, ToolRun.Of("log", "redact", log.Path, log.Path, "--states").Code);
    }

    private static int CountStates(string path) => Events(path, EventKind.Digest, out _).Count(one => one.HasBytes);

    private static List<StreamEvent> Inputs(string path, out List<byte[]> bytes) => Events(path, EventKind.Input, out bytes);

    private static List<StreamEvent> Events(string path, EventKind kind, out List<byte[]> bytes)
    {
        using var log = new FileEventLogReader(path);
        var events = new List<StreamEvent>();
        bytes = [];
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            for (EventCursor cursor = log.OpenStream(stream); cursor.MoveToNext(); cursor.Consume())
            {
                if (cursor.Next.Kind != kind)
                    continue;
                events.Add(cursor.Next);
                if (cursor.Next.HasBytes)
                    bytes.Add(cursor.Bytes.ToArray());
            }
        }
        return events;
    }

    private static long FolderBytes(string path) => new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length);
}
