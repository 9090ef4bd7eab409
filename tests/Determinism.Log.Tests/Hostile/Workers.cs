using System.Collections.Concurrent;

namespace Determinism.Log.Tests.Hostile;

/// <summary>Does many small things on all processors, and finds one that never ends.</summary>
internal static class Workers
{
    private const int MaximumFailures = 20;

    // A thing takes a millisecond; one that takes this long does not end.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Does things number 1 to a count.</summary>
    /// <returns>The first failures; empty if there was none.</returns>
    public static IReadOnlyCollection<Exception> Run(int count, Action<int> act)
    {
        var failures = new ConcurrentQueue<Exception>();
        var busy = new int[Math.Max(2, Environment.ProcessorCount)];
        int next = 0;
        Thread[] threads =
        [
            .. busy.Select((_, worker) => new Thread(() =>
            {
                while (failures.Count < MaximumFailures && Interlocked.Increment(ref next) is var number && number <= count)
                {
                    Volatile.Write(ref busy[worker], number);
                    try
                    {
                        act(number);
                    }
                    catch (Exception error)
                    {
                        failures.Enqueue(error);
                    }
                }
            }) { IsBackground = true }),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        for (int worker = 0; worker < threads.Length; worker++)
        {
            for (int before = 0; !threads[worker].Join(s_patience); before = Volatile.Read(ref busy[worker]))
            {
                if (before == Volatile.Read(ref busy[worker]))
                    return [.. failures, new TimeoutException($"Number {before} does not end.")];
            }
        }
        return failures;
    }
}
