namespace Determinism.Ownership;

/// <summary>How long a running holder keeps a frame that was handed to it before it is asked for it: longer where it is wanted
/// back at once, time and again, so that each handover pays for more work.</summary>
/// <remarks>
/// <para>A holder should do more than pay for the handover, and no more need wait than that: to begin with, a frame is kept for
/// twice the time that a holder mostly takes to answer, on this computer.</para>
/// <para>Under the tracker's gate.</para>
/// </remarks>
/// <param name="first">To begin with, where answers take half of that or more; zero: nobody keeps anything.</param>
/// <param name="most">The longest; no more than the first: all frames are kept that long, whatever answers take.</param>
/// <param name="clock">The time.</param>
internal sealed class HoldTimes(TimeSpan first, TimeSpan most, TimeProvider clock)
{
    // An answer that was late says no more than one that was a little late: the median is what is approached.
    private const int Approach = 16;

    // Wanted back within so many hold times: it goes to and fro. After so many: it does not any more.
    private const int AtOnce = 2;
    private const int Seldom = 8;

    private readonly bool _vary = first > TimeSpan.Zero && most > first;
    private readonly Dictionary<ulong, Hold> _holds = [];
    private long _answerTicks = first.Ticks / 2;

    private TimeSpan Least => TimeSpan.FromTicks(2 * _answerTicks);

    /// <summary>A running holder was asked, and the frame granted after so long.</summary>
    public void Answered(TimeSpan after)
    {
        if (!_vary)
            return;
        long step = Math.Max(_answerTicks / Approach, 1);
        _answerTicks = after.Ticks > _answerTicks
            ? Math.Min(_answerTicks + step, first.Ticks / 2)
            : Math.Max(_answerTicks - step, 1);
    }

    /// <summary>A frame was handed to its holder.</summary>
    public void Begin(ulong frame) => _holds[frame] = new Hold(clock.GetTimestamp(), TimeOf(frame), IsOver: false);

    /// <summary>A frame is being taken from its holder, or from one of several.</summary>
    public void End(ulong frame)
    {
        if (!_vary || !_holds.TryGetValue(frame, out Hold hold) || hold.IsOver)
            return;
        long kept = clock.GetElapsedTime(hold.Began).Ticks;
        long time = hold.Time.Ticks;
        // One that was given away sooner tells nothing: its holder waited for something.
        if (kept >= Seldom * time)
            time = Math.Max(time / 2, Least.Ticks);
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

    private TimeSpan TimeOf(ulong frame) => _holds.TryGetValue(frame, out Hold hold) ? hold.Time : Least;

    private readonly record struct Hold(long Began, TimeSpan Time, bool IsOver);
}
