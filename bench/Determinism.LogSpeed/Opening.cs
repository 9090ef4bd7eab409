using System.Diagnostics;
using System.Globalization;
using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>A log too large to be read, opened at random events and points.</summary>
internal static class Opening
{
    private const int Streams = 5;
    private const int RunEvents = 8_000;

    public static int Run(string folder, long bytes, int opens)
    {
        string path = Path.Combine(folder, "large");
        long start = Stopwatch.GetTimestamp();
        ulong events = Write(path, bytes);
        long size = new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length);
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "wrote {0:F2} GB, {1} events in each of {2} streams, {3} segments, in {4:F0} s",
            size / 1e9, events, Streams, Directory.GetFiles(path, "*.detlog").Length, Stopwatch.GetElapsedTime(start).TotalSeconds));
        bool canDrop = TryDropCaches();
        var random = new Random(1);
        for (int warm = 0; warm < 20; warm++)
            Open(path, random, events);
        bool isGood = Report("warm", Enumerable.Range(0, opens).Select(_ => Open(path, random, events)));
        if (!canDrop)
        {
            Console.WriteLine("cold: not measured, the page cache cannot be dropped without being root");
            return 0;
        }
        isGood &= Report("cold (page cache dropped before each)", Enumerable.Range(0, opens).Select(_ =>
        {
            TryDropCaches();
            return Open(path, random, events);
        }));
        return isGood ? 0 : 1;
    }

    private static bool Report(string what, IEnumerable<double> measured)
    {
        double[] times = [.. measured.Order()];
        double high = times[(int)(times.Length * 0.99)];
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "{0}: {1} openings, median {2:F2} ms, 99th percentile {3:F2} ms, most {4:F2} ms",
            what, times.Length, times[times.Length / 2], high, times[^1]));
        return high < 10;
    }

    /// <summary>Milliseconds to open the log and read the first event at a random place, which must be the right one.</summary>
    private static double Open(string path, Random random, ulong events)
    {
        int stream = random.Next(Streams);
        ulong number = (ulong)random.NextInt64(1, (long)events);
        bool byPoint = random.Next(2) == 0;
        long start = Stopwatch.GetTimestamp();
        using var reader = new FileEventLogReader(path);
        // Event n is at count 7n.
        EventCursor cursor = byPoint
            ? reader.SeekPoint(stream, PlaceKind.Count, (number * Step) - 3)
            : reader.SeekEvent(stream, number);
        bool isThere = cursor.MoveToNext();
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (!isThere || cursor.Consumed + 1 != number || cursor.Next.Position != number * Step)
            throw new InvalidOperationException($"Event {number} of stream {stream} is not what was written.");
        return time;
    }

    private const ulong Step = 7;

    // Right changes of wandering frames with constraints, encoded once: as the differences in a run come to nothing but the
    // count, which goes on, the same bytes are valid again and again.
    private static ulong Write(string path, long bytes)
    {
        using var log = new FileEventLog(path, Streams);
        byte[] first = Encode(out byte[] run);
        for (int stream = 0; stream < Streams; stream++)
            log.Append(stream, first);
        ulong events = RunEvents;
        for (long written = 0; written < bytes; written += run.Length * Streams)
        {
            for (int stream = 0; stream < Streams; stream++)
                log.Append(stream, run);
            events += RunEvents;
        }
        log.Complete();
        return events;
    }

    private static byte[] Encode(out byte[] second)
    {
        var encoder = new EventEncoder(Streams);
        var runs = new byte[2][];
        var buffer = new byte[256];
        var random = new Random(2);
        for (int run = 0; run < runs.Length; run++)
        {
            var bytes = new List<byte>();
            for (int index = 1; index <= RunEvents; index++)
            {
                bool isLast = index == RunEvents;
                var one = new StreamEvent
                {
                    Kind = EventKind.Reduction, Place = PlaceKind.Count, Position = (ulong)((run * RunEvents) + index) * Step,
                    Frame = isLast ? 1 : (ulong)random.Next(1 << 14), OldRight = AccessRight.ReadWrite, NewRight = AccessRight.None,
                    Check = (byte)random.Next(256),
                };
                encoder.TryWrite(buffer, one, default, default, out int written);
                bytes.AddRange(buffer.AsSpan(0, written));
            }
            runs[run] = [.. bytes];
        }
        second = runs[1];
        return runs[0];
    }

    private static bool TryDropCaches()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "1");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
