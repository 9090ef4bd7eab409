using System.Diagnostics;
using System.Globalization;
using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>A log too large to be read, opened at random events and points.</summary>
internal static class Opening
{
    private const double GoalMilliseconds = 10;
    private const int WarmUps = 20;

    public static int Run(string folder, long bytes, int opens)
    {
        string path = Path.Combine(folder, "large");
        var log = new SyntheticLog();
        long start = Stopwatch.GetTimestamp();
        log.Write(path, bytes);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long size = new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length);
        Print("wrote {0:F2} GB, {1} events in each of {2} streams, {3} segments, manifest of {4} bytes, in {5:F0} s: {6:F0} MB/s",
            size / 1e9, log.Events, SyntheticLog.Streams, Directory.GetFiles(path, "*.detlog").Length,
            new FileInfo(Path.Combine(path, "manifest")).Length, seconds, size / 1e6 / seconds);

        var random = new Random(1);
        for (int warmUp = 0; warmUp < WarmUps; warmUp++)
            Open(path, Choose(log, random));
        bool isGood = Report("warm (each place opened once before)", path, log, random, opens, isCold: false);
        if (PageCache.CanDrop)
            isGood &= Report("cold (posix_fadvise drops the log's files before each)", path, log, random, opens, isCold: true);
        else
            Console.WriteLine("cold: not measured, there is no posix_fadvise here");
        return isGood ? 0 : 1;
    }

    private static bool Report(string what, string path, SyntheticLog log, Random random, int opens, bool isCold)
    {
        var times = new List<double>();
        int wrong = 0;
        long called = 0;
        long disk = 0;
        for (int open = 0; open < opens; open++)
        {
            Target target = Choose(log, random);
            // Of a log this large, the system may have dropped any page by itself.
            if (isCold)
                PageCache.Drop(path);
            else
                Open(path, target);
            (long ByCalls, long FromDisk)? before = PageCache.BytesRead();
            (double time, bool isRight) = Open(path, target);
            (long ByCalls, long FromDisk)? after = PageCache.BytesRead();
            times.Add(time);
            wrong += isRight ? 0 : 1;
            called += (after?.ByCalls - before?.ByCalls) ?? 0;
            disk += (after?.FromDisk - before?.FromDisk) ?? 0;
        }
        double high = Percentiles.Of(times, 0.99);
        Print("{0}: {1} openings, wrong {2}; ms: p50 {3:F2}, p99 {4:F2}, most {5:F2}; KiB read: {6:F0} by calls, {7:F0} from disk; goal p99 < {8} ms: {9}",
            what, times.Count, wrong, Percentiles.Of(times, 0.5), high, times.Max(), called / 1024.0 / opens, disk / 1024.0 / opens,
            GoalMilliseconds, high < GoalMilliseconds ? "met" : "missed");
        return wrong == 0;
    }

    private static Target Choose(SyntheticLog log, Random random)
    {
        SyntheticStream events = log[random.Next(SyntheticLog.Streams)];
        ulong number = (ulong)random.NextInt64(1, (long)log.Events - SyntheticStream.RunEvents);
        if (random.Next(2) == 0)
            return new Target(events, number, null, 0);
        (number, PlaceKind place, ulong position) = events.PointNear(number, random);
        return new Target(events, number, place, position);
    }

    /// <summary>Milliseconds to open the log, read the first event at a place and close it; and whether it was the right one.</summary>
    private static (double Milliseconds, bool IsRight) Open(string path, Target target)
    {
        long start = Stopwatch.GetTimestamp();
        var reader = new FileEventLogReader(path);
        EventCursor cursor = target.Place is { } place
            ? reader.SeekPoint(target.Events.Stream, place, target.Position)
            : reader.SeekEvent(target.Events.Stream, target.Number);
        bool isThere = cursor.MoveToNext();
        reader.Dispose();
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return (time, isThere && target.Events.IsAt(cursor, target.Number));
    }

    /// <summary>An event to find: by its number, or, with a place, by a point before it.</summary>
    private sealed record Target(SyntheticStream Events, ulong Number, PlaceKind? Place, ulong Position);

    private static void Print(string format, params object[] values) =>
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, format, values));
}
