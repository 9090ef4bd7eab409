namespace Determinism.Benchmarks.Logging;

/// <summary>Counts the bytes and throws them away.</summary>
internal sealed class NullLog(int streams) : IEventLog
{
    private long _bytes;

    public int StreamCount => streams;

    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded) => new(stream, _bytes += encoded.Length);

    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
    }

    public void WaitForCommit(LogPosition position)
    {
    }

    public void Complete()
    {
    }

    public void Dispose()
    {
    }
}
