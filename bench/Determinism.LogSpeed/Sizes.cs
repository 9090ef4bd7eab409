using System.Globalization;
using System.Text.Json;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.LogSpeed;

/// <summary>What each kind of event takes in the files, all overhead of blocks shared out by length.</summary>
internal static class Sizes
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    public static int Run(string folder, bool asJson)
    {
        var guests = new List<GuestSizes>();
        foreach (Guest guest in GuestCatalog.All.Where(guest => guest.Kind != GuestKind.Test))
        {
            foreach ((string Name, IMachineBackend Backend, ClockKind Clock) machine in GuestRuns.Machines())
            {
                (MemoryEventLog log, double seconds) = GuestRuns.Record(guest, machine);
                guests.Add(Measure(Path.Combine(folder, guest.Name + machine.Name), guest.Name, machine.Name, log, seconds));
            }
        }
        List<StampSizes> stamps = TimeStamps.Measure(folder);
        if (asJson)
            Console.WriteLine(JsonSerializer.Serialize(new { Guests = guests, TimeStamps = stamps }, s_json));
        else
            Print(guests, stamps);
        return 0;
    }

    /// <summary>Bytes of the files that are there for events: their blocks, and their lines in the index.</summary>
    public static long EventBlockBytes(FileEventLogReader log) => log.ReadBlocks()
        .Where(block => block.Kind == BlockKind.Events)
        .Sum(block => (((long)BlockHeader.Size + block.StoredBytes + BlockHeader.Alignment - 1) & -BlockHeader.Alignment) + IndexEntry.Size);

    private static GuestSizes Measure(string path, string guest, string machine, MemoryEventLog recorded, double seconds)
    {
        LogCopy.WriteTo(recorded, path);
        LogCopy.WriteTo(recorded, path + "-lz4", new LogWriteOptions { Compression = BlockCodec.Lz4 });
        using var log = new FileEventLogReader(path);
        using var compressed = new FileEventLogReader(path + "-lz4");
        var sums = new SortedDictionary<string, (long Count, long Bytes)>(StringComparer.Ordinal);
        long all = 0;
        long events = 0;
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            long before = 0;
            for (EventCursor cursor = log.OpenStream(stream); cursor.MoveToNext(); cursor.Consume())
            {
                long bytes = cursor.Offset - before;
                before = cursor.Offset;
                all += bytes;
                events++;
                foreach (string kind in KindsOf(cursor))
                {
                    sums.TryGetValue(kind, out (long Count, long Bytes) sum);
                    sums[kind] = (sum.Count + 1, sum.Bytes + bytes);
                }
            }
        }
        long stored = EventBlockBytes(log);
        long storedCompressed = EventBlockBytes(compressed);
        return new GuestSizes(guest, machine, events, seconds, TotalBytes(path), TotalBytes(path + "-lz4"), all, stored, storedCompressed,
            [.. sums.Select(sum => new KindSizes(sum.Key, sum.Value.Count, (double)sum.Value.Bytes / sum.Value.Count,
                sum.Value.Bytes * ((double)stored / all) / sum.Value.Count,
                sum.Value.Bytes * ((double)storedCompressed / all) / sum.Value.Count))]);
    }

    // An event counts under its kind, and under what is asked of some together.
    private static string[] KindsOf(EventCursor cursor) => cursor.Next.Kind switch
    {
        EventKind.Elevation => ["right change", cursor.Constraints.Length switch
        {
            0 => "elevation, no constraint",
            1 => "elevation, 1 constraint",
            _ => "elevation, 2 or more constraints",
        }],
        EventKind.Reduction => ["right change", "reduction"],
        EventKind.Input => ["input " + cursor.Next.Code.ToString(CultureInfo.InvariantCulture) + (cursor.Next.HasBytes ? ", bytes" : "")],
        _ => [cursor.Next.Kind.ToString().ToLowerInvariant()],
    };

    private static long TotalBytes(string path) => new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length);

    private static void Print(List<GuestSizes> guests, List<StampSizes> stamps)
    {
        Write("| guest | machine | events | s | files B | LZ4 B | event blocks B | LZ4 B | of it overhead | B an event | LZ4 | event B/s of run |");
        Write("| --- | --- " + string.Concat(Enumerable.Repeat("| ---: ", 10)) + "|");
        foreach (GuestSizes guest in guests)
        {
            Write("| {0} | {1} | {2} | {3:F3} | {4} | {5} | {6} | {7} | {8:P1} | {9:F2} | {10:F2} | {11:F0} |", guest.Guest, guest.Machine,
                guest.Events, guest.Seconds, guest.FileBytes, guest.CompressedFileBytes, guest.BlockBytes, guest.CompressedBlockBytes,
                (double)(guest.BlockBytes - guest.EventBytes) / guest.BlockBytes, (double)guest.BlockBytes / guest.Events,
                (double)guest.CompressedBlockBytes / guest.Events, guest.BlockBytes / guest.Seconds);
        }
        Write("");
        Write("| guest | machine | kind | number | B encoded | B in the files | B with LZ4 |");
        Write("| --- | --- | --- | ---: | ---: | ---: | ---: |");
        foreach (GuestSizes guest in guests)
        {
            foreach (KindSizes kind in guest.Kinds)
                Write("| {0} | {1} | {2} | {3} | {4:F2} | {5:F2} | {6:F2} |", guest.Guest, guest.Machine, kind.Kind, kind.Number, kind.Encoded,
                    kind.InFiles, kind.Compressed);
        }
        Write("");
        Write("| time stamps in a loop, mean distance in ns | B encoded | B in the files | B with LZ4 |");
        Write("| ---: | ---: | ---: | ---: |");
        foreach (StampSizes stamp in stamps)
            Write("| {0} | {1:F2} | {2:F2} | {3:F2} |", stamp.Distance, stamp.Encoded, stamp.InFiles, stamp.Compressed);
    }

    private static void Write(string format, params object[] values) =>
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, format, values));

    /// <summary>One recording: bytes of events, of their blocks, and of all its files, plain and with LZ4.</summary>
    internal sealed record GuestSizes(string Guest, string Machine, long Events, double Seconds, long FileBytes, long CompressedFileBytes,
        long EventBytes, long BlockBytes, long CompressedBlockBytes, KindSizes[] Kinds);

    /// <summary>Mean bytes of a kind of event: as encoded, and with its share of the blocks' overhead, plain and with LZ4. What LZ4
    /// saves is shared out by length, too: it does not tell what it saved where.</summary>
    internal sealed record KindSizes(string Kind, long Number, double Encoded, double InFiles, double Compressed);

    /// <summary>The same of time stamps that a loop reads.</summary>
    internal sealed record StampSizes(int Distance, double Encoded, double InFiles, double Compressed);
}
