using Determinism.Log.Killed;
using Determinism.Log.Tests.Disk;

namespace Determinism.Log.Tests.Crashes;

/// <summary>A position, and a moment of the disk by which it had been acknowledged.</summary>
internal readonly record struct Acknowledgement(int Moment, LogPosition Position);

/// <summary>A recording: the disk with its past, and what must be on it.</summary>
internal sealed record Recorded(SimulatedDisk Disk, AppendedEvents Appended, IReadOnlyList<Acknowledgement> Acknowledgements,
    LogKeys? Keys)
{
    /// <summary>Records synthetic streams, each on a thread of its own.</summary>
    public static Recorded MakeSynthetic(int seed, int streams, int events, LogWriteOptions options,
        Func<ILogStorage, ILogStorage>? wrap = null)
    {
        var disk = new SimulatedDisk();
        using var log = new WatchedLog(
            new FileEventLog(wrap is null ? disk : wrap(disk), streams, options), disk, eventsPerCommit: 20 + (seed % 30));
        log.AppendBlock(BlockKind.Configuration, new byte[700]);
        new SyntheticRecording(seed, streams).AppendAll(log, events, static (_, _) => { });
        log.Complete();
        return log.ToRecorded(options.Keys);
    }

    /// <summary>Whether the first segment may have no name yet that lasts.</summary>
    public bool MayBeWithoutLog(int moment) =>
        !Disk.Steps.Take(moment).Any(static step => step.Kind == DiskStepKind.SyncNames)
        && !Acknowledgements.Any(one => one.Moment <= moment);

    /// <summary>The moments just before and just after every sync, of a file or of names.</summary>
    public IEnumerable<int> SyncBoundaries => Enumerable.Range(0, Disk.Steps.Count)
        .Where(index => Disk.Steps[index].Kind is DiskStepKind.Sync or DiskStepKind.SyncNames)
        .SelectMany(index => new[] { index, index + 1 });
}
