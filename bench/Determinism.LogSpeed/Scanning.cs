using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Determinism.Guests;
using Determinism.Log;
using FASTER.core;

namespace Determinism.LogSpeed;

/// <summary>Reading events one after the other, ours and FasterLog's.</summary>
internal static class Scanning
{
    private const int SliceEvents = 16_384;
    private const int Slices = 64;
    private const int Passes = 4;

    // Large: of a few thousand events, read again and again, a processor learns every branch by heart.
    private static readonly (string Guest, ulong[] Parameters)[] s_guests =
        [("radix", [1 << 20]), ("ocean", [254, 60]), ("racy", [1_000_000, 64])];

    /// <summary>Records what is read here; once.</summary>
    public static Dictionary<string, MemoryEventLog> RecordGuests()
    {
        var logs = new Dictionary<string, MemoryEventLog>();
        foreach ((string guest, ulong[] parameters) in s_guests)
            logs.Add(guest, GuestRuns.Record(GuestCatalog.Find(guest)!, GuestRuns.Managed, parameters).Log);
        return logs;
    }

    public static void Sixteen(string path, Table table)
    {
        byte[] payload = Payload.SixteenBytes();
        using (var log = new FileEventLog(path, 1))
        {
            for (int index = 0; index < SliceEvents * (Slices + 1); index++)
                log.Append(0, payload);
            log.Complete();
        }
        using (var reader = new FileEventLogReader(path))
            Slice("ours: scan of 16-byte events", table, reader.OpenStream(0));

        using var settings = new FasterLogSettings(path + "-theirs");
        using var theirs = new FasterLog(settings);
        for (int index = 0; index < SliceEvents * (Slices + 1); index++)
            theirs.Enqueue(payload.AsSpan());
        theirs.Commit(spinWait: true);
        using FasterLogScanIterator iterator = theirs.Scan(theirs.BeginAddress, theirs.TailAddress);
        for (int slice = 0; slice <= Slices; slice++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int index = 0; index < SliceEvents; index++)
            {
                if (!iterator.GetNext(MemoryPool<byte>.Shared, out IMemoryOwner<byte> entry, out _, out _))
                    throw new InvalidOperationException("Entries are missing.");
                entry.Dispose();
            }
            AddSlice("FasterLog: scan of 16-byte events", table, slice, start, before, SliceEvents);
        }
    }

    /// <summary>Recorded guests' events, all streams, from memory and from a file in the page cache.</summary>
    public static void Guests(string folder, Dictionary<string, MemoryEventLog> logs, Table table)
    {
        foreach ((string name, MemoryEventLog log) in logs)
        {
            string path = Path.Combine(folder, name);
            string what = string.Format(CultureInfo.InvariantCulture, "{0}, {1:F0} KB", name, log.EventBytes / 1e3);
            LogCopy.WriteTo(log, path);
            using var reader = new FileEventLogReader(path);
            for (int repeat = 0; repeat <= Passes; repeat++)
            {
                Pass($"ours: decode of {what}, memory", table, repeat, log, stream => new EventCursor(log, stream, log.StreamCount));
                Pass($"ours: decode of {what}, file", table, repeat, log, reader.OpenStream);
            }
        }
    }

    private static void Pass(string row, Table table, int repeat, MemoryEventLog log, Func<int, EventCursor> open)
    {
        EventCursor[] cursors = [.. Enumerable.Range(0, log.StreamCount).Select(open)];
        // The room of a cursor is made with its first block.
        foreach (EventCursor cursor in cursors)
            cursor.MoveToNext();
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        ulong events = 0;
        foreach (EventCursor cursor in cursors)
        {
            while (cursor.MoveToNext())
                cursor.Consume();
            events += cursor.Consumed;
        }
        AddSlice(row, table, repeat, start, before, events);
    }

    private static void Slice(string row, Table table, EventCursor cursor)
    {
        for (int slice = 0; slice <= Slices; slice++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int index = 0; index < SliceEvents; index++)
            {
                if (!cursor.MoveToNext() || cursor.Bytes.Length != Payload.Content.Length)
                    throw new InvalidOperationException("Events are missing.");
                cursor.Consume();
            }
            AddSlice(row, table, slice, start, before, SliceEvents);
        }
    }

    // The first one warms up.
    private static void AddSlice(string row, Table table, int number, long start, long allocatedBefore, double events)
    {
        double time = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        if (number == 0)
            return;
        table.Add(row + ", ns an event", time / events);
        table.Add(row + ", B allocated an event", allocated / events);
    }
}
