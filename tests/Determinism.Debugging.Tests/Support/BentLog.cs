using Determinism.Log;

namespace Determinism.Debugging.Tests.Support;

/// <summary>A log of which one byte is wrong, so many hundredths through the first vCPU's stream.</summary>
internal sealed class BentLog(MemoryEventLog log, int part) : IEventLogReader
{
    private readonly int _at = log.ReadEvents(0, 0).Length * part / 100;

    public int StreamCount => log.StreamCount;

    public bool IsComplete => log.IsComplete;

    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset)
    {
        ReadOnlyMemory<byte> events = log.ReadEvents(stream, offset);
        if (stream != 0 || _at < offset || _at >= offset + events.Length)
            return events;
        byte[] bent = events.ToArray();
        bent[_at - (int)offset] ^= 0x55;
        return bent;
    }

    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content) => log.TryReadBlock(kind, out content);

    public void Dispose()
    {
    }
}
