namespace Determinism.Conformance;

/// <summary>A log that keeps nothing: for measuring and testing what stands around a log.</summary>
/// <param name="streamCount">Number of streams.</param>
public sealed class NullEventLog(int streamCount) : IEventLog
{
    /// <inheritdoc />
    public int StreamCount => streamCount;

    /// <inheritdoc />
    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded) => new(stream, 0);

    /// <inheritdoc />
    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
    }

    /// <inheritdoc />
    public void WaitForCommit(LogPosition position)
    {
    }

    /// <inheritdoc />
    public void Complete()
    {
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
