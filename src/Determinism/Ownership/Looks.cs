namespace Determinism.Ownership;

/// <summary>How long it is worth while to look for an answer before sleeping: as long as answers mostly took before, unless
/// that is long. Whoever sleeps hears of it tens of microseconds later.</summary>
internal struct Looks
{
    private const long LongestTicks = 10_000;
    private const long WorthwhileTicks = LongestTicks / 2;
    private const long LeastTicks = 500;

    // So many waits like the last ones outweigh what was before.
    private const int Memory = 8;

    private long _typicalTicks;

    /// <summary>How long to look; zero: sleep at once.</summary>
    public readonly TimeSpan Longest => _typicalTicks > WorthwhileTicks
        ? TimeSpan.Zero : TimeSpan.FromTicks((2 * _typicalTicks) + LeastTicks);

    /// <summary>An answer has come.</summary>
    /// <param name="waited">After so long, looking and sleeping.</param>
    public void Count(TimeSpan waited) => _typicalTicks += (Math.Min(waited.Ticks, LongestTicks) - _typicalTicks) / Memory;
}
