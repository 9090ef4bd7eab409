namespace Determinism.Log;

/// <summary>When a log makes durable what nobody has asked for yet.</summary>
/// <remarks>Whatever the policy, <see cref="IEventLog.WaitForCommit"/> commits at once all that all streams have.</remarks>
public sealed record CommitPolicy
{
    private CommitPolicy(bool isEachBlock, TimeSpan interval)
    {
        IsEachBlock = isEachBlock;
        Interval = interval;
    }

    /// <summary>Only when asked. What the operating system keeps survives the end of the process, but not a loss of
    /// power.</summary>
    public static CommitPolicy Explicit { get; } = new(false, Timeout.InfiniteTimeSpan);

    /// <summary>With every block that is full.</summary>
    public static CommitPolicy EachBlock { get; } = new(true, Timeout.InfiniteTimeSpan);

    /// <summary>Whether every full block is made durable.</summary>
    public bool IsEachBlock { get; }

    /// <summary>Time between two commits, or <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public TimeSpan Interval { get; }

    /// <summary>Every so often, if there is anything new.</summary>
    /// <param name="interval">From a millisecond to a day.</param>
    public static CommitPolicy Every(TimeSpan interval)
    {
        Guard.InRange(interval >= TimeSpan.FromMilliseconds(1) && interval <= TimeSpan.FromDays(1), interval, nameof(interval),
            "From a millisecond to a day.");
        return new CommitPolicy(false, interval);
    }
}
