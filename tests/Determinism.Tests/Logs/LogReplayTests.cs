using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Logs;

public class LogReplayTests
{
    private static readonly ScriptedRun s_run = new(new ProgramShape { Seed = 8, Vcpus = 3 }) { Seed = 8 };

    [Fact]
    public void A_recording_into_a_file_replays_from_it()
    {
        using var folder = new TemporaryFolder();
        Outcome recorded;
        using (var log = new FileEventLog(folder.File("log"), s_run.Program.Shape.AgentCount))
            recorded = s_run.Record(log);
        using var reader = new FileEventLogReader(folder.File("log"));
        Assert.Equal(recorded.Fingerprint, s_run.Replay(reader).Fingerprint);
        Assert.Equal(recorded.Fingerprint, s_run.Replay(reader).Fingerprint);
    }

    [Fact]
    public void A_log_copied_from_memory_into_a_file_replays_from_it()
    {
        using var folder = new TemporaryFolder();
        using var log = new MemoryEventLog(s_run.Program.Shape.AgentCount);
        Outcome recorded = s_run.Record(log);
        LogCopy.WriteTo(log, folder.File("log"));
        using var reader = new FileEventLogReader(folder.File("log"));
        Assert.Equal(recorded.Fingerprint, s_run.Replay(reader).Fingerprint);
    }

    [Fact]
    public void A_log_with_fewer_streams_than_agents_is_damaged_for_whoever_seeks_in_it()
    {
        using var log = new MemoryEventLog(s_run.Program.Shape.AgentCount);
        s_run.Record(log);
        using var fewer = new MemoryEventLog(1);
        log.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> header);
        fewer.AppendBlock(BlockKind.Header, header.Span);
        Assert.Throws<LogDamagedException>(() => new LogCuts(fewer, LogCheckpoints.ReadFrom(fewer)));
    }

    [Fact]
    public void A_byte_changed_in_the_file_stops_the_replay_with_the_offset()
    {
        using var folder = new TemporaryFolder();
        using (var log = new FileEventLog(folder.File("log"), s_run.Program.Shape.AgentCount))
            s_run.Record(log);
        LogBlockInfo last;
        using (var whole = new FileEventLogReader(folder.File("log")))
            last = whole.ReadBlocks().Last(block => block.Kind == BlockKind.Events);
        string segment = folder.File("log/000000.detlog");
        byte[] bytes = File.ReadAllBytes(segment);
        bytes[last.Offset + 96 + last.StoredBytes - 1] ^= 1;
        File.WriteAllBytes(segment, bytes);
        using var reader = new FileEventLogReader(folder.File("log"));
        var damage = Assert.IsType<LogDamagedException>(s_run.TryReplay(reader).Failure);
        Assert.Equal(last.Offset, damage.Offset);
    }
}
