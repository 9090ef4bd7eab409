namespace Determinism.Ownership;

/// <summary>How long it is worth while to look for an answer before sleeping: as long as answers mostly took before, unless
/// that is long. Whoever sleeps hears of it tens of microseconds later.</summary>
/// <param name="worthwhile">How long answers may mostly take, if they are to be looked for.</param>
internal struct Looks(TimeSpan worthwhile)
{
    private const long LeastTicks = 500;

    private const int Pause = 16;
    private const int LooksBetweenYields = 64;
    private const int MostLooks = 4096;

    // So many waits like the last ones outweigh what was before.
    private const int Memory = 8;

    private long _typicalTicks;

    /// <summary>How long to look; zero: sleep at once.</summary>
    public readonly TimeSpan Longest => _typicalTicks > worthwhile.Ticks
        ? TimeSpan.Zero : TimeSpan.FromTicks((2 * _typicalTicks) + LeastTicks);

    /// <summary>Looks until it has come, or that is not worth while any longer.</summary>
    /// <param name="awaited">What.</param>
    /// <param name="longest">How long to look.</param>
    /// <param name="time">The time; without it, a few looks.</param>
    public static void Look<T>(T awaited, TimeSpan longest, TimeProvider? time)
        where T : struct, IAwaited
    {
        long started = time?.GetTimestamp() ?? 0;
        // Bounded also where time stands still.
        int most = time is null ? LooksBetweenYields : MostLooks;
        for (int looks = 1; !awaited.HasCome; looks++)
        {
            Thread.SpinWait(Pause);
            if (looks % LooksBetweenYields == 0)
                Thread.Yield();
            if (looks == most || time?.GetElapsedTime(started) >= longest)
                return;
        }
    }

    /// <summary>An answer has come.</summary>
    /// <param name="waited">After so long, looking and sleeping.</param>
    public void Count(TimeSpan waited) => _typicalTicks += (Math.Min(waited.Ticks, 2 * worthwhile.Ticks) - _typicalTicks) / Memory;
}
