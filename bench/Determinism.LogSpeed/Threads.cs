namespace Determinism.LogSpeed;

/// <summary>Work on several threads that begin together.</summary>
internal static class Threads
{
    public static void Run(int count, Action<int> work)
    {
        using var start = new Barrier(count);
        Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            work(number);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
    }
}
