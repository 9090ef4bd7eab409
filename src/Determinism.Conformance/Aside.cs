namespace Determinism.Conformance;

/// <summary>Calls on threads of their own, for calls that wait.</summary>
internal static class Aside
{
    // Long enough for a thread that can go on to do so, short enough for a fact.
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(30);

    public static Task Run(Action call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Task<T> Run<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The calls return, each in time after another has. The first that fails is told, also if others wait for it in
    /// vain.</summary>
    public static void Finish(TimeSpan patience, string what, params Task[] calls)
    {
        List<Task> left = [.. calls];
        while (left.Count > 0)
        {
            int first = Task.WaitAny([.. left], patience);
            Assert.True(first >= 0, $"{what} did not return within {patience}.");
            Task call = left[first];
            left.RemoveAt(first);
            call.GetAwaiter().GetResult();
        }
    }

    /// <summary>Calls that start at one moment return in time.</summary>
    public static void Together(TimeSpan patience, string what, int count, Action<int> call)
    {
        using var start = new Barrier(count);
        Finish(patience, what, [.. Enumerable.Range(0, count).Select(index => Run(() =>
        {
            start.SignalAndWait(patience);
            call(index);
        }))]);
    }

    public static void Until(TimeSpan patience, string what, Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, patience), $"Not within {patience}: {what}.");

    /// <summary>The call is still waiting after a moment, in which it could have gone on.</summary>
    public static void StillWaits(Task call, string what)
    {
        Assert.False(Task.WaitAny([call], s_moment) == 0, what);
        // On a busy host a moment is short: threads that were made later have run too.
        for (int later = 0; later < 2; later++)
            Run(() => { }).Wait();
        Assert.False(call.IsCompleted, what);
    }
}
