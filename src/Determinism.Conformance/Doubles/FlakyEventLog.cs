namespace Determinism.Conformance;

/// <summary>A log whose calls are delayed or fail. With delays alone it is as good as the one behind it.</summary>
/// <param name="inner">Does the work; disposed of with this.</param>
/// <param name="options">What happens to the calls; no number of it is negative.</param>
public sealed class FlakyEventLog(IEventLog inner, FlakyOptions options) : IEventLog
{
    private readonly FlakyCalls _calls = new(inner, options);

    /// <summary>The log behind it, for reading it back.</summary>
    public IEventLog Inner => inner;

    /// <inheritdoc />
    public int StreamCount => inner.StreamCount;

    /// <inheritdoc />
    /// <exception cref="InjectedFailureException">It fails, and nothing was appended.</exception>
    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        _calls.Hit(nameof(Append));
        return inner.Append(stream, encoded);
    }

    /// <inheritdoc />
    /// <exception cref="InjectedFailureException">It fails, and nothing was appended.</exception>
    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
        _calls.Hit(nameof(AppendBlock));
        inner.AppendBlock(kind, content);
    }

    /// <inheritdoc />
    /// <exception cref="InjectedFailureException">It fails; what is durable is not known.</exception>
    public void WaitForCommit(LogPosition position)
    {
        _calls.Hit(nameof(WaitForCommit));
        inner.WaitForCommit(position);
    }

    /// <inheritdoc />
    public void Complete() => inner.Complete();

    /// <inheritdoc />
    public void Dispose() => inner.Dispose();
}
