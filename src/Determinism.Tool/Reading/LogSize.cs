using Determinism.Log;

namespace Determinism.Tool.Reading;

/// <summary>How much there is of a log.</summary>
internal static class LogSize
{
    /// <summary>Bytes of events in all streams; reads the headers of blocks only.</summary>
    public static long OfEvents(FileEventLogReader log) => log.ReadBlocks().Sum(static block => (long)block.EventBytes);
}
