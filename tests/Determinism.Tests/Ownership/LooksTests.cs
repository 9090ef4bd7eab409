using Determinism.Ownership;

namespace Determinism.Tests.Ownership;

public class LooksTests
{
    private static readonly TimeSpan s_worthwhile = TimeSpan.FromMilliseconds(1);

    private readonly ManualTime _time = new();

    [Fact]
    public void Answers_are_looked_for_where_they_mostly_come_soon()
    {
        var looks = new Looks(s_worthwhile);
        Assert.InRange(looks.Longest, TimeSpan.FromTicks(1), s_worthwhile);
        for (int answer = 0; answer < 50; answer++)
            looks.Count(s_worthwhile / 2);
        Assert.InRange(looks.Longest, s_worthwhile * 0.9, s_worthwhile * 1.1);
        for (int answer = 0; answer < 50; answer++)
            looks.Count(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, looks.Longest);
        for (int answer = 0; answer < 50; answer++)
            looks.Count(s_worthwhile / 10);
        Assert.InRange(looks.Longest, s_worthwhile * 0.2, s_worthwhile * 0.3);
    }

    [Fact]
    public void Whoever_looks_stops_when_it_has_come_or_time_is_over_or_stands_still()
    {
        Assert.Equal(3, LookAt(comesAt: 3, TimeSpan.FromHours(1), passes: TimeSpan.FromMilliseconds(1)));
        Assert.Equal(10, LookAt(comesAt: 1_000, TimeSpan.FromMilliseconds(10), passes: TimeSpan.FromMilliseconds(1)));
        Assert.Equal(1, LookAt(comesAt: 1_000, TimeSpan.Zero, passes: TimeSpan.FromMilliseconds(1)));
        Assert.InRange(LookAt(comesAt: int.MaxValue, TimeSpan.FromHours(1), passes: TimeSpan.Zero), 2, 100_000);
        Assert.InRange(LookAt(comesAt: int.MaxValue, TimeSpan.FromHours(1), passes: null), 2, 100_000);
    }

    /// <returns>How often it was looked, time passing at each.</returns>
    private int LookAt(int comesAt, TimeSpan longest, TimeSpan? passes)
    {
        var awaited = new Awaited { ComesAt = comesAt, Time = _time, Passes = passes ?? TimeSpan.Zero };
        Looks.Look(new View(awaited), longest, passes is null ? null : _time);
        return awaited.Looks;
    }

    private sealed class Awaited
    {
        public int ComesAt { get; init; }

        public TimeSpan Passes { get; init; }

        public required ManualTime Time { get; init; }

        public int Looks { get; private set; }

        public bool Look()
        {
            Time.Now += Passes;
            return ++Looks >= ComesAt;
        }
    }

    private readonly struct View(Awaited awaited) : IAwaited
    {
        public bool HasCome => awaited.Look();
    }
}
