namespace Determinism.Log.Tests.Support;

/// <summary>What must end, in time: a test that hangs says so.</summary>
internal static class Patience
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>Does something on a thread of its own.</summary>
    /// <returns>What it threw, if anything.</returns>
    public static Exception? Catch(Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(action)) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(s_limit), "It does not end.");
        return thrown;
    }

    /// <summary>Waits for something that another thread brings about.</summary>
    public static void WaitFor(Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, s_limit), "It does not happen.");
}
