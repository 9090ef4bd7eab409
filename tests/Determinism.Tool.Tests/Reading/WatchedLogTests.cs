using Determinism.Log;
using Determinism.Tool.Reading;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Reading;

public class WatchedLogTests
{
    [Fact]
    public void All_that_a_redaction_reads_is_told_once()
    {
        using var folder = new LogFolder(SampleLogs.Devices, new LogWriteOptions { SegmentBytes = 8192 });
        using var log = new FileEventLogReader(folder.Path);
        long total = LogSize.OfEvents(log);
        var told = new List<long>();
        using var copy = new MemoryEventLog(log.StreamCount);
        new LogRedaction { AllPayloads = true }.WriteTo(new WatchedLog(log, told.Add), copy);
        Assert.All(told, more => Assert.True(more > 0));
        Assert.Equal(total, told.Sum());

        // Who reads it again has not got any further.
        var watched = new WatchedLog(log, told.Add);
        told.Clear();
        _ = watched.ReadEvents(0, 0);
        _ = watched.ReadEvents(0, 0);
        Assert.Single(told);
    }
}
