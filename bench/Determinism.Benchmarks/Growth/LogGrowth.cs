using System.Diagnostics;
using System.Globalization;
using Determinism.Benchmarks.Logging;
using Determinism.Log;

namespace Determinism.Benchmarks.Growth;

/// <summary>Events into a log that throws the bytes away: memory stays what it is, however long the log.</summary>
internal static class LogGrowth
{
    public static void Print(bool isLong)
    {
        Console.WriteLine("## Length of the log, events of every kind in turn\n");
        Console.WriteLine("| events | MB of events | ns an event | heap in use KiB | allocated since the start B |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
        EventMaker[] makers = [.. Enum.GetValues<EventShape>().Select(shape => new EventMaker(shape))];
        var encoder = new EventEncoder(EventMaker.Agents);
        var buffer = new byte[EventMaker.BufferBytes];
        using var log = new NullLog(1);
        long bytes = 0;
        ulong number = 0;
        void AppendUntil(ulong last)
        {
            while (number < last)
            {
                number++;
                int length = makers[number % (ulong)makers.Length].Encode(encoder, number, buffer);
                bytes = log.Append(0, buffer.AsSpan(0, length)).Offset;
            }
        }
        AppendUntil(100_000);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        var marks = new List<ulong> { 1_000_000, 10_000_000, 100_000_000 };
        if (isLong)
            marks.Add(1_000_000_000);
        foreach (ulong mark in marks)
        {
            ulong before = number;
            long start = Stopwatch.GetTimestamp();
            AppendUntil(mark);
            double taken = Stopwatch.GetElapsedTime(start).TotalNanoseconds / (number - before);
            long since = GC.GetAllocatedBytesForCurrentThread() - allocated;
            long heap = GC.GetTotalMemory(forceFullCollection: true);
            GrowthReport.Row(mark.ToString("N0", CultureInfo.InvariantCulture), GrowthReport.Number(bytes / 1e6),
                GrowthReport.Number(taken), GrowthReport.Number(heap / 1024.0), since.ToString(CultureInfo.InvariantCulture));
            allocated = GC.GetAllocatedBytesForCurrentThread() - since;
        }
    }
}
