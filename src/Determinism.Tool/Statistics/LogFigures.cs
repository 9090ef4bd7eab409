using Determinism.Diagnostics;
using Determinism.Log;

namespace Determinism.Tool.Statistics;

/// <summary>All figures of a log.</summary>
/// <param name="Files">Of its files.</param>
/// <param name="Events">Of its events.</param>
/// <param name="Dropped">Events that are there, but not counted: the log was cut short, and their causes are lost.</param>
/// <param name="SharedFrames">Frames of RAM that vCPUs took from each other; null if the log does not say.</param>
internal sealed record LogFigures(
    FileFigures Files, EventFigures Events, ulong Dropped, IReadOnlyList<SharedFrame>? SharedFrames)
{
    // Less often than this, a frame that goes to and fro costs nothing.
    private const long LeastSteals = 4;

    /// <summary>Bytes of files that events of a kind account for: blocks of events, in proportion to bytes in streams.</summary>
    public double FileBytesOf(EventKind kind) => Events.Bytes == 0 || !Events.Kinds.TryGetValue(kind, out KindFigures? figures)
        ? 0
        : (double)Files.Blocks[BlockKind.Events].Bytes * figures.Bytes / Events.Bytes;

    public double ConstraintsPerThousandEvents => Events.Events == 0 ? 0 : 1e3 * Events.Constraints / Events.Events;

    /// <summary>Null if the log has no counts.</summary>
    public double? ConstraintsPerMillionCounts =>
        Events.ClockCounts == 0 ? null : 1e6 * Events.Constraints / Events.ClockCounts;

    public static LogFigures Of(FileEventLogReader log, TextWriter errors)
    {
        FileFigures files = FileFigures.Of(log);
        ClosedLog? closed = log.IsComplete ? null : ClosedLog.Of(log);
        MachineShape? shape = log.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> header)
            ? LogHeader.FromBytes(header.Span).Shape
            : null;
        int vcpus = shape?.VcpuCount ?? log.StreamCount;
        using var progress = new Progress(errors, "counting", Reading.LogSize.OfEvents(log));
        EventFigures events = EventFigures.Of(closed ?? (IEventLogReader)log, vcpus, progress);
        // Devices have no instructions, and their pseudo-frames nothing beside what is shared.
        IReadOnlyList<SharedFrame>? shared = log.TryReadBlock(BlockKind.SharingProfile, out ReadOnlyMemory<byte> profile)
            ? [.. SharedFrame.Find(SharingProfile.FromBytes(profile.Span), LeastSteals)
                .Where(frame => frame.Second < vcpus && frame.Frame < (shape?.RamFrameCount ?? ulong.MaxValue))]
            : null;
        ulong dropped = 0;
        foreach (StreamCut cut in closed?.Cuts ?? [])
            dropped += cut.DroppedEvents;
        return new LogFigures(files, events, dropped, shared);
    }
}
