using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Determinism.Log;
using FASTER.core;

namespace Determinism.LogSpeed;

/// <summary>Our log and FasterLog, turn by turn.</summary>
internal static class Peers
{
    private const int Events = 4_000_000;
    private const int Commits = 50;

    public static int Run(string folder, int rounds)
    {
        byte[] payload = Payload.SixteenBytes();
        var table = new Dictionary<string, List<double>>();
        void Add(string row, double value) => (table.TryGetValue(row, out List<double>? all) ? all : table[row] = []).Add(value);

        for (int round = 0; round <= rounds; round++)
        {
            // The first round warms up.
            Action<string, double> add = round == 0 ? (_, _) => { } : Add;
            foreach (int writers in new[] { 1, 2, 4 })
            {
                AppendOurs(Path.Combine(folder, $"ours{round}-{writers}"), payload, writers, add);
                AppendTheirs(Path.Combine(folder, $"theirs{round}-{writers}"), payload, writers, add);
            }
        }
        foreach ((string row, List<double> values) in table)
        {
            values.Sort();
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "{0,-64} {1,10:F2}   ({2:F2} to {3:F2})",
                row, values[values.Count / 2], values[0], values[^1]));
        }
        foreach (string what in new[] { "append, 1 writers", "append, 2 writers", "append, 4 writers", "scan", "commit" })
        {
            double ours = Median(table, $"ours: {what}");
            double theirs = Median(table, $"FasterLog: {what}");
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "FasterLog / ours, {0}: {1:F1}", what, theirs / ours));
        }
        MeasureChecksum();
        return 0;
    }

    private static double Median(Dictionary<string, List<double>> table, string start)
    {
        List<double> values = table.First(row => row.Key.StartsWith(start, StringComparison.Ordinal)).Value;
        return values[values.Count / 2];
    }

    private static void AppendOurs(string path, byte[] payload, int writers, Action<string, double> add)
    {
        int each = Events / writers;
        using (var log = new FileEventLog(path, writers))
        {
            (double time, double allocated) = OnThreads(writers, stream =>
            {
                for (int index = 0; index < each; index++)
                    log.Append(stream, payload);
            });
            add($"ours: append, {writers} writers, ns an event and writer", time / each);
            if (writers == 1)
            {
                add("ours: append, bytes allocated an event", allocated / each);
                long start = Stopwatch.GetTimestamp();
                for (int commit = 0; commit < Commits; commit++)
                    log.WaitForCommit(log.Append(0, payload));
                add("ours: commit, us", Stopwatch.GetElapsedTime(start).TotalMicroseconds / Commits);
            }
            log.Complete();
        }
        if (writers == 1)
            ScanOurs(path, add);
        Directory.Delete(path, recursive: true);
    }

    private static void ScanOurs(string path, Action<string, double> add)
    {
        using var reader = new FileEventLogReader(path);
        EventCursor cursor = reader.OpenStream(0);
        for (int warm = 0; warm < 10_000 && cursor.MoveToNext(); warm++)
            cursor.Consume();
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        ulong from = cursor.Consumed;
        int sum = 0;
        for (; cursor.MoveToNext(); cursor.Consume())
            sum += cursor.Bytes.Length;
        double count = cursor.Consumed - from;
        add("ours: scan, ns an event", Stopwatch.GetElapsedTime(start).TotalNanoseconds / count);
        add("ours: scan, bytes allocated an event", (GC.GetAllocatedBytesForCurrentThread() - before) / count);
        if (sum != 12 * (int)count)
            throw new InvalidOperationException("Events are missing.");
    }

    private static void AppendTheirs(string path, byte[] payload, int writers, Action<string, double> add)
    {
        int each = Events / writers;
        using (var settings = new FasterLogSettings(path))
        using (var log = new FasterLog(settings))
        {
            (double time, double allocated) = OnThreads(writers, _ =>
            {
                for (int index = 0; index < each; index++)
                    log.Enqueue(payload.AsSpan());
            });
            add($"FasterLog: append, {writers} writers, ns an event and writer", time / each);
            if (writers == 1)
            {
                add("FasterLog: append, bytes allocated an event", allocated / each);
                log.Commit(spinWait: true);
                long start = Stopwatch.GetTimestamp();
                for (int commit = 0; commit < Commits; commit++)
                {
                    log.Enqueue(payload.AsSpan());
                    log.Commit(spinWait: true);
                }
                add("FasterLog: commit, us", Stopwatch.GetElapsedTime(start).TotalMicroseconds / Commits);
                ScanTheirs(log, add);
            }
        }
        Directory.Delete(path, recursive: true);
    }

    private static void ScanTheirs(FasterLog log, Action<string, double> add)
    {
        using FasterLogScanIterator iterator = log.Scan(log.BeginAddress, log.TailAddress);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        long count = 0;
        while (iterator.GetNext(MemoryPool<byte>.Shared, out IMemoryOwner<byte> entry, out _, out _))
        {
            entry.Dispose();
            count++;
        }
        add("FasterLog: scan, ns an event", Stopwatch.GetElapsedTime(start).TotalNanoseconds / count);
        add("FasterLog: scan, bytes allocated an event", (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count);
        if (count < Events)
            throw new InvalidOperationException("Entries are missing.");
    }

    private static (double Nanoseconds, double Allocated) OnThreads(int count, Action<int> work)
    {
        using var start = new Barrier(count + 1);
        var allocated = new long[count];
        var threads = new Thread[count];
        for (int index = 0; index < count; index++)
        {
            int number = index;
            threads[index] = new Thread(() =>
            {
                start.SignalAndWait();
                long before = GC.GetAllocatedBytesForCurrentThread();
                work(number);
                allocated[number] = GC.GetAllocatedBytesForCurrentThread() - before;
            });
            threads[index].Start();
        }
        long from = Stopwatch.GetTimestamp();
        start.SignalAndWait();
        foreach (Thread thread in threads)
            thread.Join();
        return (Stopwatch.GetElapsedTime(from).TotalNanoseconds, allocated.Max());
    }

    private static void MeasureChecksum()
    {
        var data = new byte[1 << 16];
        new Random(1).NextBytes(data);
        const int Times = 20_000;
        uint sum = 0;
        long start = Stopwatch.GetTimestamp();
        for (int index = 0; index < Times; index++)
            sum ^= Crc32C.Compute(data);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
            "CRC-32C of blocks: {0:F2} GB/s ({1:X8})", data.Length * (double)Times / seconds / 1e9, sum));
    }
}
