namespace Determinism.Recording;

/// <summary>What vCPUs side by side lose for each other's sake. Part of it is seen from outside of the guest; the rest (the
/// kernel's way out and in, pages that are mapped anew at the first touch, cold caches) is estimated, and the estimate is
/// corrected by what gets done side by side and in turns.</summary>
/// <remarks>
/// <para>What gets done is told by the vCPUs' counts (of polls or instructions). In turns nothing is lost, which gives a rate
/// for one vCPU; what the counts side by side lack against that rate was lost. Parts of a guest differ in their rate, so that a
/// single stretch tells little; all of them together, more.</para>
/// <para>Not safe for threads: its owner has a lock.</para>
/// </remarks>
internal sealed class LossEstimate(TimeSpan doubt)
{
    // An exit costs half as much again as is seen of it.
    private const double UnseenShare = 0.5;
    private const double LeastScale = 1;
    private const double MostScale = 3;

    // A page is mapped anew in one to thirty microseconds, as the host's tables are, and neighbours often with it.
    private static readonly TimeSpan s_perFrame = TimeSpan.FromTicks(100);

    private double _lost = doubt.Ticks;
    private double _estimated = doubt.Ticks;
    private TimeSpan _time;
    private TimeSpan _charged;
    private TimeSpan _waited;
    private long _counted;

    /// <summary>How much more is lost than was estimated at first.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>What a vCPU has lost.</summary>
    /// <param name="seen">How long it was out of the guest.</param>
    /// <param name="frames">How many frames it was granted.</param>
    public TimeSpan Of(TimeSpan seen, int frames)
    {
        TimeSpan charge = TimeSpan.FromTicks((long)((1 + UnseenShare) * seen.Ticks) + (frames * s_perFrame.Ticks));
        _charged += charge;
        return TimeSpan.FromTicks((long)(Scale * charge.Ticks));
    }

    /// <summary>What a vCPU has lost that did nothing but wait: just that, whatever else is not seen.</summary>
    /// <param name="waited">How long.</param>
    public TimeSpan OfWait(TimeSpan waited)
    {
        _waited += waited;
        return waited;
    }

    /// <summary>A stretch side by side begins.</summary>
    public void Begin() => (_charged, _waited) = (TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>A stretch side by side is over.</summary>
    /// <param name="time">The time of all vCPUs together.</param>
    /// <param name="count">What all vCPUs have counted.</param>
    public void EndSideBySide(TimeSpan time, long count) => (_time, _counted) = (time, count);

    /// <summary>The turns that followed are over.</summary>
    /// <param name="time">Their time.</param>
    /// <param name="count">What all vCPUs have counted.</param>
    public void EndTurns(TimeSpan time, long count)
    {
        // A guest without polls tells nothing.
        if (count > 0)
        {
            _lost += (_time - _waited).Ticks - ((double)time.Ticks * _counted / count);
            _estimated += _charged.Ticks;
            Scale = Math.Min(Math.Max(_lost / _estimated, LeastScale), MostScale);
        }
        Begin();
    }
}
