namespace Determinism.Ownership;

/// <summary>How long a running holder keeps a frame that was handed to it before it is asked for it: longer where it is wanted
/// back at once, time and again, so that each handover pays for more work.</summary>
/// <remarks>Under the tracker's gate.</remarks>
/// <param name="least">To begin with; zero: nobody keeps anything.</param>
/// <param name="most">The longest; no more than the least: no frame differs.</param>
/// <param name="clock">The time.</param>
internal sealed class HoldTimes(TimeSpan least, TimeSpan most, TimeProvider clock)
{
    // Wanted back within so many hold times: it goes to and fro. After so many: it does not any more.
    private const int AtOnce = 2;
    private const int Seldom = 8;

    private readonly Dictionary<ulong, Hold> _holds = [];

    /// <summary>A frame was handed to its holder.</summary>
    public void Begin(ulong frame) => _holds[frame] = new Hold(clock.GetTimestamp(), TimeOf(frame), IsOver: false);

    /// <summary>A frame is being taken from its holder, or from one of several.</summary>
    public void End(ulong frame)
    {
        if (most <= least || !_holds.TryGetValue(frame, out Hold hold) || hold.IsOver)
            return;
        long kept = clock.GetElapsedTime(hold.Began).Ticks;
        long time = hold.Time.Ticks;
        // One that was given away sooner tells nothing: its holder waited for something.
        if (kept >= Seldom * time)
            time = Math.Max(time / 2, least.Ticks);
        else if (kept >= time && kept < AtOnce * time)
            time = Math.Min(time * 2, most.Ticks);
        _holds[frame] = hold with { Time = TimeSpan.FromTicks(time), IsOver = true };
    }

    /// <summary>How long a frame's holder still keeps it; not more than zero: not any longer.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="instead">How long it keeps it in all, if that is not for this to say.</param>
    public TimeSpan Rest(ulong frame, TimeSpan? instead = null) => _holds.TryGetValue(frame, out Hold hold)
        ? (instead ?? hold.Time) - clock.GetElapsedTime(hold.Began)
        : TimeSpan.Zero;

    private TimeSpan TimeOf(ulong frame) => _holds.TryGetValue(frame, out Hold hold) ? hold.Time : least;

    private readonly record struct Hold(long Began, TimeSpan Time, bool IsOver);
}
