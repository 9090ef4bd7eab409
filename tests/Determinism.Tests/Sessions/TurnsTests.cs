using Determinism.Recording;

namespace Determinism.Tests.Sessions;

/// <summary>When vCPUs take turns; that it replays is the machine's tests to show.</summary>
public class TurnsTests
{
    private const int Comparing = 101;

    private static readonly SharingPolicy s_policy = new() { Turn = TimeSpan.FromMilliseconds(5) };

    private readonly StandingTime _time = new();

    [Fact]
    public void Turns_begin_where_two_get_less_done_than_one_and_end_after_a_while()
    {
        var turns = new Turns(2, s_policy, _time);
        Assert.Equal(0, LoseUntilItFails(turns, milliseconds: 500, share: 0.5));
        Assert.InRange(LoseUntilItFails(turns, milliseconds: 500, share: 1.0), 1500, 1700);
        Assert.False(turns.AreTaken);
    }

    [Fact]
    public void What_nobody_sees_is_found_out_by_comparing_counts()
    {
        Assert.True(ShareOfTurns(countAside: 500) > 0.8, "Side by side, two get half of one's work done.");
        Assert.True(ShareOfTurns(countAside: 1500) < 0.05, "Two get one and a half times as much done.");
        Assert.True(ShareOfTurns(countAside: 0, countInTurn: 0) < 0.05, "A guest that counts nothing tells nothing.");
    }

    // Of 20 seconds, in which each millisecond side by side has so much of its time lost, as far as is seen, and waited for.
    private double ShareOfTurns(ulong countAside, ulong countInTurn = 1000, double seen = 0.3, double waited = 0)
    {
        var turns = new Turns(2, s_policy, _time);
        ulong count = 0;
        int inTurn = 0;
        for (int step = 0; step < 20_000; step++)
        {
            _time.Pass(TimeSpan.FromMilliseconds(1));
            bool areTaken = turns.AreTaken;
            inTurn += areTaken ? 1 : 0;
            count += areTaken ? countInTurn : countAside;
            turns.Reach(step % 2, count / 2);
            turns.Wait(_time.GetTimestamp() - (long)(waited * TimeSpan.TicksPerMillisecond));
            turns.Lose(_time.GetTimestamp() - (long)(seen * TimeSpan.TicksPerMillisecond));
        }
        return inTurn / 20_000.0;
    }

    [Fact]
    public void Turns_take_nearly_all_of_the_time_where_side_by_side_gets_nothing_done()
    {
        var turns = new Turns(2, s_policy, _time);
        int aside = 0, inTurn = 0;
        while (aside + inTurn < 20_000)
        {
            for (; !turns.AreTaken; aside++)
                Lose(turns, milliseconds: 1, share: 2.0);
            inTurn += TurnsLast(turns);
        }
        Assert.InRange((double)aside / inTurn, 0.001, 0.02);
    }

    [Fact]
    public void Who_fails_has_longer_to_show_what_it_can_and_after_a_good_time_it_begins_anew()
    {
        var turns = new Turns(2, s_policy, _time);
        var phases = new List<int>();
        for (int phase = 0; phase < 4; phase++)
        {
            phases.Add(LoseUntilItFails(turns, milliseconds: 1000, share: 2.0));
        }
        Assert.Equal([1601, 6401, 25601, 60001], phases);
        Assert.Equal(0, LoseUntilItFails(turns, milliseconds: 300, share: 0.1));
        Assert.Equal(1601, LoseUntilItFails(turns, milliseconds: 1000, share: 2.0));
    }

    [Fact]
    public void A_burst_is_paid_from_what_was_gained_before()
    {
        var turns = new Turns(2, s_policy, _time);
        for (int step = 0; step < 100; step++)
        {
            // Nothing gets done for 30 ms, then both are at work for 60 ms.
            Assert.Equal(0, LoseUntilItFails(turns, milliseconds: 30, share: 1.33));
            Assert.Equal(0, LoseUntilItFails(turns, milliseconds: 60, share: 0));
        }
    }

    [Fact]
    public void Losses_far_apart_are_no_reason()
    {
        var turns = new Turns(2, s_policy, _time);
        for (int loss = 0; loss < 100; loss++)
        {
            _time.Pass(TimeSpan.FromMilliseconds(40));
            turns.Lose(_time.GetTimestamp() - TimeSpan.TicksPerMillisecond);
        }
        Assert.False(turns.AreTaken);
    }

    [Fact]
    public void Looking_in_vain_again_and_again_is_a_loss()
    {
        var turns = new Turns(2, s_policy, _time);
        long looked = 0;
        for (int look = 0; look < 100; look++)
        {
            _time.Pass(TimeSpan.FromMilliseconds(5));
            looked = turns.LookInVain(looked);
        }
        Assert.False(turns.AreTaken, "Who knows what lies between them.");
        for (int look = 0; look < 20_000 && !turns.AreTaken; look++)
        {
            _time.Pass(TimeSpan.FromTicks(500));
            looked = turns.LookInVain(looked);
        }
        Assert.True(turns.AreTaken);
    }

    [Fact]
    public void One_that_waits_for_most_of_the_time_is_no_reason()
    {
        var turns = new Turns(2, s_policy, _time);
        for (int step = 0; step < 2_000; step++)
        {
            _time.Pass(TimeSpan.FromMilliseconds(1));
            turns.Wait(_time.GetTimestamp() - (TimeSpan.TicksPerMillisecond * 8 / 10));
            Assert.InRange(TurnsLast(turns), 0, Comparing);
        }
    }

    [Fact]
    public void Waiting_is_charged_as_it_is_and_explains_what_counts_lack()
    {
        Assert.InRange(ShareOfTurns(countAside: 1250, seen: 0.15, waited: 0.6), 0, 0.05);
    }

    [Fact]
    public void One_that_is_awake_alone_never_takes_turns()
    {
        var turns = new Turns(2, s_policy, _time);
        turns.Sleeps(1);
        turns.Sleeps(1);
        Lose(turns, milliseconds: 1000, share: 1.0);
        Assert.False(turns.AreTaken);
        turns.Wakes(1);
        Lose(turns, milliseconds: 300, share: 1.0);
        Assert.True(turns.AreTaken);
    }

    // Side by side for so long, but for turns that only compare; how long the turns last that follow if it fails.
    private int LoseUntilItFails(Turns turns, int milliseconds, double share)
    {
        for (int step = 0; step < milliseconds; step++)
        {
            Lose(turns, milliseconds: 1, share);
            if (TurnsLast(turns) is > Comparing and int last)
                return last;
        }
        return 0;
    }

    // Each millisecond, this share of it was lost by all together.
    private void Lose(Turns turns, int milliseconds, double share)
    {
        for (int step = 0; step < milliseconds && !turns.AreTaken; step++)
        {
            _time.Pass(TimeSpan.FromMilliseconds(1));
            if (share > 0)
                turns.Lose(_time.GetTimestamp() - (long)(share * TimeSpan.TicksPerMillisecond));
        }
    }

    private int TurnsLast(Turns turns)
    {
        int milliseconds = 0;
        for (; turns.AreTaken; milliseconds++)
            _time.Pass(TimeSpan.FromMilliseconds(1));
        return milliseconds;
    }

    private sealed class StandingTime : TimeProvider
    {
        private long _now = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}
