using System.Globalization;
using Determinism;
using Determinism.Log;
using Determinism.Log.Killed;
using Determinism.Log.Tests.Disk;

// Records synthetic streams until it is killed: folder, seed, number of streams. Each line that it writes names a stream and
// an offset that the log has acknowledged.
string folder = args[0];
int seed = int.Parse(args[1], CultureInfo.InvariantCulture);
int streams = int.Parse(args[2], CultureInfo.InvariantCulture);

if (args.Length > 3)
    return FlightToBeKilled.Record(folder, seed);

// Every other one commits often, into small segments; the others do not wait for the disk, and are mostly in the midst of
// writing: what the operating system has survives the process.
bool isOften = seed % 2 == 0;
int eventsPerCommit = isOften ? 5 + (seed % 50) : 2000;

// Nobody may be there to kill it.
using var watchdog = new Timer(_ => Environment.Exit(3), null, TimeSpan.FromMinutes(2), Timeout.InfiniteTimeSpan);
using Stream output = Console.OpenStandardOutput();
ILogStorage storage = FolderStorage.CreateNew(folder);
using var log = new FileEventLog(isOften ? storage : new LyingStorage(storage, keepsFiles: false, keptNames: 0), streams, new LogWriteOptions
{
    SegmentBytes = isOften ? 4096 << (seed % 8 / 2) : 4 << 20,
    Commit = seed % 3 == 0 ? CommitPolicy.EachBlock : CommitPolicy.Explicit,
});
log.AppendBlock(BlockKind.Configuration, new byte[seed % 5000]);
new SyntheticRecording(seed, streams).AppendAll(log, int.MaxValue, (number, position) =>
{
    if (number % (ulong)eventsPerCommit != 0)
        return;
    log.WaitForCommit(position);
    byte[] line = System.Text.Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{position.Stream} {position.Offset}\n"));
    lock (output)
    {
        output.Write(line);
        output.Flush();
    }
});
return 0;
