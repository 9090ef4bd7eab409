using System.Diagnostics;
using System.Globalization;
using Determinism.Benchmarks.Logging;
using Determinism.Benchmarks.Ownership;
using Determinism.Log;

namespace Determinism.Benchmarks.Growth;

/// <summary>Events into a log that throws the bytes away: memory stays what it is, however long the log.</summary>
internal sealed class LogGrowth(NullLog log)
{
    private readonly EventMaker[] _makers = [.. Enum.GetValues<EventShape>().Select(shape => new EventMaker(shape))];
    private readonly EventEncoder _encoder = new(EventMaker.Agents);
    private readonly byte[] _buffer = new byte[EventMaker.BufferBytes];
    private ulong _number;
    private long _bytes;

    public static void Print(bool isLong)
    {
        Console.WriteLine("## Length of the log, events of every kind in turn\n");
        Console.WriteLine("| events | MB of events | ns an event | heap in use KiB | allocated by appending B |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
        using var log = new NullLog(1);
        var warm = new LogGrowth(log);
        Warmth.Run(() => { }, () => warm.AppendMore(10_000));
        using var measured = new NullLog(1);
        var growth = new LogGrowth(measured);
        ulong[] marks = [1_000_000, 10_000_000, 100_000_000, 1_000_000_000];
        foreach (ulong mark in marks.AsSpan(0, isLong ? 4 : 3))
            growth.PrintUntil(mark);
    }

    private void PrintUntil(ulong mark)
    {
        ulong more = mark - _number;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        AppendMore(more);
        double taken = Stopwatch.GetElapsedTime(start).TotalNanoseconds / more;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        GrowthReport.Row(mark.ToString("N0", CultureInfo.InvariantCulture), GrowthReport.Number(_bytes / 1e6),
            GrowthReport.Number(taken), GrowthReport.Number(GC.GetTotalMemory(forceFullCollection: true) / 1024.0),
            allocated.ToString(CultureInfo.InvariantCulture));
    }

    private void AppendMore(ulong count)
    {
        for (ulong last = _number + count; _number < last;)
        {
            foreach (EventMaker maker in _makers)
            {
                int length = maker.Encode(_encoder, ++_number, _buffer);
                _bytes = log.Append(0, _buffer.AsSpan(0, length)).Offset;
            }
        }
    }
}
