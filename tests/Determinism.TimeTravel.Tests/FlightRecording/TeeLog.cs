using Determinism.Log;

namespace Determinism.TimeTravel.Tests.FlightRecording;

/// <summary>A log of which a copy is kept in memory, from the start and without checkpoints: what a straight replay is made
/// of.</summary>
internal sealed class TeeLog(IEventLog log, MemoryEventLog copy) : IEventLog
{
    public int StreamCount => log.StreamCount;

    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        copy.Append(stream, encoded);
        return log.Append(stream, encoded);
    }

    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
        if (kind != BlockKind.Checkpoint)
            copy.AppendBlock(kind, content);
        log.AppendBlock(kind, content);
    }

    public void WaitForCommit(LogPosition position) => log.WaitForCommit(position);

    public void Complete()
    {
        copy.Complete();
        log.Complete();
    }

    public void Dispose()
    {
    }
}
