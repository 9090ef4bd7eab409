using System.Diagnostics;
using Determinism.Benchmarks.StandIns;

namespace Determinism.Benchmarks.Contention;

/// <summary>What two agents ask for at the same time. Neither ever needs anything of the other.</summary>
internal sealed record Workload(string Name, AccessRight Right, bool IsHit, bool IsShared, bool IsInterleaved)
{
    private const int Threads = 2;
    private const ulong FramesEach = 1 << 12;
    private const int HitPasses = 8;

    private static readonly TimeSpan s_together = TimeSpan.FromMicroseconds(3);

    public static IReadOnlyList<Workload> All { get; } =
    [
        new("hits, frames of one's own", AccessRight.ReadWrite, IsHit: true, IsShared: false, IsInterleaved: false),
        new("hits, frames that both read", AccessRight.Read, IsHit: true, IsShared: true, IsInterleaved: false),
        new("hits, every other frame one's own", AccessRight.ReadWrite, IsHit: true, IsShared: false, IsInterleaved: true),
        new("first touches, ranges of one's own", AccessRight.ReadWrite, IsHit: false, IsShared: false, IsInterleaved: false),
        new("first touches, every other frame", AccessRight.ReadWrite, IsHit: false, IsShared: false, IsInterleaved: true),
    ];

    /// <returns>Millions of requests a second of both; nothing if they did not start together, or one of them
    /// was stopped for another program: then there was nobody to contend with.</returns>
    public double? Measure<TPages>()
        where TPages : IPages<TPages>
    {
        TPages pages = TPages.Create(Threads, (int)FramesEach * Threads);
        if (IsHit)
        {
            for (int agent = 0; agent < Threads; agent++)
                Pass(pages, agent);
        }
        int passes = IsHit ? HitPasses : 1;
        int ready = 0;
        var starts = new long[Threads];
        var ends = new long[Threads];
        var preemptions = new long[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(agent => new Thread(() =>
        {
            OwnProcessor.Choose(agent);
            Interlocked.Increment(ref ready);
            while (Volatile.Read(ref ready) < Threads)
                Thread.SpinWait(1);
            preemptions[agent] = -OwnProcessor.CountPreemptions();
            starts[agent] = Stopwatch.GetTimestamp();
            for (int pass = 0; pass < passes; pass++)
                Pass(pages, agent);
            ends[agent] = Stopwatch.GetTimestamp();
            preemptions[agent] += OwnProcessor.CountPreemptions();
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (preemptions.Sum() != 0 || Stopwatch.GetElapsedTime(starts.Min(), starts.Max()) > s_together)
            return null;
        TimeSpan taken = Stopwatch.GetElapsedTime(starts.Min(), ends.Max());
        return passes * (double)FramesEach * Threads / taken.TotalMicroseconds;
    }

    private void Pass<TPages>(TPages pages, int agent)
        where TPages : IPages<TPages>
    {
        ulong first = IsShared ? 0 : IsInterleaved ? (ulong)agent : (ulong)agent * FramesEach;
        ulong step = IsInterleaved ? (ulong)Threads : 1;
        for (ulong index = 0; index < FramesEach; index++)
            pages.Acquire(agent, first + (index * step), Right);
    }
}
