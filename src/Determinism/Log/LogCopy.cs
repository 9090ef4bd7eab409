namespace Determinism.Log;

/// <summary>Copies a log from one container into another.</summary>
public static class LogCopy
{
    /// <summary>Writes a log in memory into a file, which must not exist.</summary>
    /// <param name="log">The log.</param>
    /// <param name="path">The file.</param>
    public static void WriteTo(IEventLogReader log, string path)
    {
        Guard.NotNull(log);
        using var file = new FileEventLog(path, log.StreamCount);
        for (BlockKind kind = BlockKind.Header; kind < BlockKind.Trailer; kind++)
        {
            if (kind != BlockKind.Events && log.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                file.AppendBlock(kind, content.Span);
        }
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            // Runs hold whole events, and a run is small enough to be appended as it is.
            long offset = 0;
            for (ReadOnlyMemory<byte> run; !(run = log.ReadEvents(stream, offset)).IsEmpty; offset += run.Length)
                file.Append(stream, run.Span);
        }
        file.Complete();
    }
}
