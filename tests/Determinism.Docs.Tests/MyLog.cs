using Determinism.Conformance;
using Determinism.Log;

namespace Determinism.Docs.Tests;

/// <summary>Stands for a log that the reader of the kit's page has written.</summary>
internal sealed class MyLog(int streamCount) : IEventLog
{
    private readonly MemoryEventLog _inner = new(streamCount);

    public int StreamCount => _inner.StreamCount;

    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded) => _inner.Append(stream, encoded);

    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content) => _inner.AppendBlock(kind, content);

    public void WaitForCommit(LogPosition position) => _inner.WaitForCommit(position);

    public void Complete() => _inner.Complete();

    public void Dispose() => _inner.Dispose();

    public IEventLogReader OpenReader() => _inner;
}

public sealed class MyLogConformance : EventLogSpecification
{
    protected override IEventLog Create(int streamCount) => new MyLog(streamCount);

    protected override IEventLogReader Reopen(IEventLog log) => ((MyLog)log).OpenReader();
}
