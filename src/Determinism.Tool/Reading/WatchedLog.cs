using Determinism.Log;

namespace Determinism.Tool.Reading;

/// <summary>A log that tells how much of its events has been read. It does not own the log.</summary>
/// <param name="log">The log.</param>
/// <param name="read">Told the bytes of events that are read for the first time.</param>
internal sealed class WatchedLog(IEventLogReader log, Action<long> read) : IEventLogReader, IDroppedBeginning
{
    private readonly long[] _reached = new long[log.StreamCount];

    public int StreamCount => log.StreamCount;

    public bool IsComplete => log.IsComplete;

    public LogBeginning? Beginning => (log as IDroppedBeginning)?.Beginning;

    public StreamBeginning BeginningOf(int stream) => ((IDroppedBeginning)log).BeginningOf(stream);

    public ReadOnlyMemory<byte> ReadEvents(int stream, long offset)
    {
        ReadOnlyMemory<byte> run = log.ReadEvents(stream, offset);
        long end = offset + run.Length;
        if (end > _reached[stream])
        {
            read(end - _reached[stream]);
            _reached[stream] = end;
        }
        return run;
    }

    public bool TryReadBlock(BlockKind kind, out ReadOnlyMemory<byte> content) => log.TryReadBlock(kind, out content);

    public void Dispose()
    {
    }
}
