using Determinism.Ownership;

namespace Determinism.Tests.Ownership;

public class HoldTimesTests
{
    private const ulong Frame = 5;

    private static readonly TimeSpan s_least = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan s_most = TimeSpan.FromMicroseconds(1000);

    private readonly ManualTime _time = new();

    [Fact]
    public void A_frame_that_is_wanted_back_at_once_is_kept_longer_and_longer_up_to_the_most()
    {
        HoldTimes holds = Make(s_most);
        Assert.Equal([200, 400, 800, 1000, 1000], Keep(holds, Frame, static rest => rest, 5));
        // Others are not.
        Assert.Equal([200], Keep(holds, Frame + 1, static rest => rest, 1));
    }

    [Fact]
    public void One_that_is_left_alone_is_kept_less_long_again()
    {
        HoldTimes holds = Make(s_most);
        Keep(holds, Frame, static rest => rest, 4);
        Assert.Equal([1000, 500, 250, 200], Keep(holds, Frame, static rest => 8 * rest, 4));
    }

    [Fact]
    public void What_was_given_away_early_or_after_a_while_changes_nothing()
    {
        HoldTimes holds = Make(s_most);
        Keep(holds, Frame, static rest => rest, 1);
        Assert.Equal([400, 400, 400], Keep(holds, Frame, static rest => rest / 2, 3));
        Assert.Equal([400, 400, 400], Keep(holds, Frame, static rest => 4 * rest, 3));
    }

    [Fact]
    public void Without_a_longer_time_all_are_kept_alike() =>
        Assert.Equal([200, 200, 200], Keep(Make(s_least), Frame, static rest => rest, 3));

    [Fact]
    public void Where_answers_are_quick_others_need_not_wait_long()
    {
        HoldTimes holds = Make(s_most);
        Answer(holds, TimeSpan.FromMicroseconds(10), 100);
        Assert.InRange(Keep(holds, Frame, static rest => rest, 1)[0], 18, 22);
        Assert.InRange(Keep(holds, Frame, static rest => rest, 1)[0], 36, 44);
        // A late one says no more than another; many do.
        Answer(holds, TimeSpan.FromSeconds(1), 1);
        Assert.InRange(Keep(holds, Frame + 1, static rest => rest, 1)[0], 18, 24);
        Answer(holds, TimeSpan.FromSeconds(1), 100);
        Assert.Equal([200], Keep(holds, Frame + 2, static rest => rest, 1));
    }

    [Fact]
    public void A_time_that_does_not_vary_is_kept_whatever_answers_take()
    {
        HoldTimes holds = Make(s_least);
        Answer(holds, TimeSpan.FromMicroseconds(10), 100);
        Assert.Equal([200, 200], Keep(holds, Frame, static rest => rest, 2));
        var none = new HoldTimes(TimeSpan.Zero, s_most, _time);
        Answer(none, TimeSpan.FromSeconds(1), 100);
        Assert.Equal([0, 0], Keep(none, Frame, static rest => rest, 2));
    }

    [Fact]
    public void What_is_taken_from_several_at_once_counts_once()
    {
        HoldTimes holds = Make(s_most);
        Keep(holds, Frame, static rest => rest, 4);
        holds.Begin(Frame);
        _time.Now += 8 * s_most;
        for (int holder = 0; holder < 4; holder++)
            holds.End(Frame);
        holds.Begin(Frame);
        Assert.Equal(s_most / 2, holds.Rest(Frame));
    }

    [Fact]
    public void Nobody_keeps_what_was_never_handed_over()
    {
        HoldTimes holds = Make(s_most);
        Assert.Equal(TimeSpan.Zero, holds.Rest(Frame));
        holds.End(Frame);
        Assert.Equal(TimeSpan.Zero, holds.Rest(Frame, s_most));
    }

    [Fact]
    public void Another_may_say_how_long()
    {
        HoldTimes holds = Make(s_most);
        holds.Begin(Frame);
        _time.Now += s_least;
        Assert.Equal(TimeSpan.Zero, holds.Rest(Frame));
        Assert.Equal(s_most - s_least, holds.Rest(Frame, s_most));
    }

    private static void Answer(HoldTimes holds, TimeSpan after, int times)
    {
        for (int time = 0; time < times; time++)
            holds.Answered(after);
    }

    private HoldTimes Make(TimeSpan most) => new(s_least, most, _time);

    /// <summary>Hands a frame over and takes it back after some time, again and again; says how long it was to be kept each
    /// time.</summary>
    private int[] Keep(HoldTimes holds, ulong frame, Func<TimeSpan, TimeSpan> kept, int times)
    {
        var all = new int[times];
        for (int index = 0; index < times; index++)
        {
            holds.Begin(frame);
            TimeSpan rest = holds.Rest(frame);
            all[index] = (int)rest.TotalMicroseconds;
            _time.Now += kept(rest);
            holds.End(frame);
        }
        return all;
    }
}
