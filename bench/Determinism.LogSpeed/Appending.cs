using System.Diagnostics;
using Determinism.Log;
using FASTER.core;

namespace Determinism.LogSpeed;

/// <summary>Appends and commits of 16-byte events, ours and FasterLog's.</summary>
/// <remarks>In bursts that the writer's share of the backlog takes, slice by slice, with a commit after each burst: the median
/// slice is what an append costs while the disk keeps up, and has no time in it that another program took. Sustained appends
/// are measured apart.</remarks>
internal static class Appending
{
    // A slice is one array of a stream, so each has its share of what changing arrays costs.
    private const int SliceEvents = 4_096;
    private const int BurstSlices = 12;
    private const int Bursts = 25;
    private const int WarmUpBursts = 3;
    private const int SustainedEvents = 4_000_000;
    private const int Commits = 40;

    public static void Ours(string path, int writers, Table table)
    {
        byte[] payload = Payload.SixteenBytes();
        using (var log = new FileEventLog(path, writers))
        {
            InBursts("ours", writers, table, (stream, events) =>
            {
                for (int index = 0; index < events; index++)
                    log.Append(stream, payload);
            }, stream => log.WaitForCommit(log.Append(stream, payload)));
            if (writers == 1)
            {
                MeasureCommits("ours", table, () => log.WaitForCommit(log.Append(0, payload)));
                MeasureEncoding(log, table);
            }
            log.Complete();
        }
        using (var log = new FileEventLog(path + "-sustained", writers))
        {
            Sustained("ours", writers, table, stream =>
            {
                for (int index = 0; index < SustainedEvents / writers; index++)
                    log.Append(stream, payload);
            }, log.Complete);
        }
    }

    public static void Theirs(string path, int writers, Table table)
    {
        byte[] payload = Payload.SixteenBytes();
        using (var settings = new FasterLogSettings(path))
        using (var log = new FasterLog(settings))
        {
            InBursts("FasterLog", writers, table, (_, events) =>
            {
                for (int index = 0; index < events; index++)
                    log.Enqueue(payload.AsSpan());
            }, _ => log.Commit(spinWait: true));
            if (writers == 1)
            {
                MeasureCommits("FasterLog", table, () =>
                {
                    log.Enqueue(payload.AsSpan());
                    log.Commit(spinWait: true);
                });
            }
        }
        using (var settings = new FasterLogSettings(path + "-sustained"))
        using (var log = new FasterLog(settings))
        {
            Sustained("FasterLog", writers, table, _ =>
            {
                for (int index = 0; index < SustainedEvents / writers; index++)
                    log.Enqueue(payload.AsSpan());
            }, () => log.Commit(spinWait: true));
        }
    }

    private static void InBursts(string who, int writers, Table table, Action<int, int> append, Action<int> commit)
    {
        var slices = new List<double>[writers];
        var allocated = new double[writers];
        Threads.Run(writers, stream =>
        {
            slices[stream] = new List<double>(Bursts * BurstSlices);
            for (int burst = 0; burst < WarmUpBursts + Bursts; burst++)
            {
                bool isMeasured = burst >= WarmUpBursts;
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int slice = 0; slice < BurstSlices; slice++)
                {
                    long start = Stopwatch.GetTimestamp();
                    append(stream, SliceEvents);
                    if (isMeasured)
                        slices[stream].Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / SliceEvents);
                }
                if (isMeasured)
                    allocated[stream] += GC.GetAllocatedBytesForCurrentThread() - before;
                commit(stream);
            }
        });
        table.AddAll($"{who}: append, {writers} writers, ns an event of each", slices.SelectMany(all => all));
        table.Add($"{who}: append, {writers} writers, B allocated an event", allocated.Max() / (Bursts * BurstSlices * SliceEvents));
    }

    private static void Sustained(string who, int writers, Table table, Action<int> append, Action finish)
    {
        long start = Stopwatch.GetTimestamp();
        Threads.Run(writers, append);
        finish();
        table.Add($"{who}: sustained to the disk, {writers} writers, ns an event", Stopwatch.GetElapsedTime(start).TotalNanoseconds / SustainedEvents);
    }

    private static void MeasureCommits(string who, Table table, Action commit)
    {
        for (int index = 0; index < Commits; index++)
        {
            long start = Stopwatch.GetTimestamp();
            commit();
            table.Add($"{who}: append and commit, us", Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
    }

    private static void MeasureEncoding(FileEventLog log, Table table)
    {
        var encoder = new EventEncoder(1);
        var buffer = new byte[128];
        ulong number = 0;
        for (int burst = 0; burst < WarmUpBursts + Bursts; burst++)
        {
            for (int slice = 0; slice < BurstSlices; slice++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int index = 0; index < SliceEvents; index++)
                {
                    encoder.TryWrite(buffer, Payload.Input(++number), default, Payload.Content, out int written);
                    log.Append(0, buffer.AsSpan(0, written));
                }
                if (burst >= WarmUpBursts)
                    table.Add("ours: encode and append, 1 writer, ns an event", Stopwatch.GetElapsedTime(start).TotalNanoseconds / SliceEvents);
            }
            log.WaitForCommit(log.Append(0, default));
        }
    }
}
