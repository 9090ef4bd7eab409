using System.Globalization;
using Determinism;
using Determinism.Log;
using Determinism.Log.Killed;

// Records synthetic streams until it is killed: folder, seed, number of streams. Each line that it writes names a stream and
// an offset that the log has acknowledged.
string folder = args[0];
int seed = int.Parse(args[1], CultureInfo.InvariantCulture);
int streams = int.Parse(args[2], CultureInfo.InvariantCulture);

// Nobody may be there to kill it.
using var watchdog = new Timer(_ => Environment.Exit(3), null, TimeSpan.FromMinutes(2), Timeout.InfiniteTimeSpan);
using Stream output = Console.OpenStandardOutput();
using var log = new FileEventLog(folder, streams, new LogWriteOptions
{
    SegmentBytes = 4096 << (seed % 4),
    Commit = seed % 3 == 0 ? CommitPolicy.EachBlock : CommitPolicy.Explicit,
});
log.AppendBlock(BlockKind.Configuration, new byte[seed % 5000]);
new SyntheticRecording(seed, streams).AppendAll(log, int.MaxValue, (number, position) =>
{
    if (number % (ulong)(5 + (seed % 50)) != 0)
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
