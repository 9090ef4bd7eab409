using Determinism.Recording;

namespace Determinism.Tests.Sessions;

/// <summary>When vCPUs take turns; that it replays is the machine's tests to show.</summary>
public class TurnsTests
{
    private readonly StandingTime _time = new();

    [Fact]
    public void Turns_begin_where_two_get_less_done_than_one_and_end_after_a_while()
    {
        var turns = new Turns(2, 1.1, _time);
        Lose(turns, windows: 3, share: 0.5);
        Assert.False(turns.AreTaken, "Half of one is lost: one and a half are left.");
        Lose(turns, windows: 2, share: 1.0);
        Assert.True(turns.AreTaken);
        Assert.Equal(1, turns.Phases);
        _time.Pass(TimeSpan.FromMilliseconds(26));
        Assert.False(turns.AreTaken);
    }

    [Fact]
    public void Whoever_fails_at_once_is_tried_less_often()
    {
        var turns = new Turns(2, 1.1, _time);
        var phases = new List<int>();
        for (int phase = 0; phase < 8; phase++)
        {
            while (!turns.AreTaken)
                Lose(turns, windows: 1, share: 1.5);
            int milliseconds = 0;
            for (; turns.AreTaken; milliseconds++)
                _time.Pass(TimeSpan.FromMilliseconds(1));
            phases.Add(milliseconds);
        }
        Assert.Equal([26, 51, 101, 201, 401, 801, 801, 801], phases);
        Lose(turns, windows: 10, share: 0.2);
        Lose(turns, windows: 2, share: 1.5);
        _time.Pass(TimeSpan.FromMilliseconds(26));
        Assert.False(turns.AreTaken, "After a good time it begins anew.");
    }

    [Fact]
    public void Losses_far_apart_are_no_reason()
    {
        var turns = new Turns(2, 1.1, _time);
        for (int loss = 0; loss < 100; loss++)
        {
            _time.Pass(TimeSpan.FromMilliseconds(40));
            turns.Lose(_time.GetTimestamp() - TimeSpan.TicksPerMillisecond);
        }
        Assert.False(turns.AreTaken);
    }

    [Fact]
    public void One_that_is_awake_alone_never_takes_turns()
    {
        var turns = new Turns(2, 1.1, _time);
        turns.Sleeps(1);
        turns.Sleeps(1);
        Lose(turns, windows: 20, share: 1.0);
        Assert.False(turns.AreTaken);
        turns.Wakes(1);
        Lose(turns, windows: 2, share: 1.0);
        Assert.True(turns.AreTaken);
    }

    // Each millisecond, this share of it was lost by all together.
    private void Lose(Turns turns, int windows, double share)
    {
        for (int step = 0; step < 6 * windows && !turns.AreTaken; step++)
        {
            _time.Pass(TimeSpan.FromMilliseconds(1));
            turns.Lose(_time.GetTimestamp() - (long)(share * TimeSpan.TicksPerMillisecond));
        }
    }

    private sealed class StandingTime : TimeProvider
    {
        private long _now = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}
