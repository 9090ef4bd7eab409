using Determinism.Debugging.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.Debugging.Tests.Navigation;

/// <summary>Moves through histories against a straight list of all their states.</summary>
public class NavigationTests(ITestOutputHelper output)
{
    private const ulong End = 400;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 7)]
    [InlineData(3, 64)]
    [InlineData(4, 1000)]
    public void Ten_thousand_random_moves_end_where_a_list_of_all_states_says(int threads, ulong interval)
    {
        const int Seed = 20260701;
        output.WriteLine($"seed {Seed}");
        Compare(threads, Seed + threads, runs: 10, seed => new ToyHistory(threads, seed, End, interval));
    }

    [Theory]
    [InlineData(ToyMistake.ForgetsMemory)]
    [InlineData(ToyMistake.SeeksTooFar)]
    [InlineData(ToyMistake.SkipsAccesses)]
    public void A_history_with_a_mistake_is_caught(ToyMistake mistake) => Assert.ThrowsAny<Xunit.Sdk.XunitException>(
        () => Compare(2, 1, runs: 1, seed => new ToyHistory(2, seed, End, 50) { Mistake = mistake }));

    private static void Compare(int threads, int seedOfMoves, int runs, Func<ulong, ToyHistory> create)
    {
        var random = new Random(seedOfMoves);
        for (int run = 0; run < runs; run++)
        {
            ulong seed = (ulong)random.NextInt64();
            ToyHistory history = create(seed);
            var target = new HistoryTarget(history);
            var model = new StateList(threads, seed, End);
            for (int move = 0; move < 1000; move++)
            {
                ResumeRequest request = Request(random, threads);
                string what = $"seed {seed}, move {move} from {model.Position}: {request}, {string.Join(" ", request.Points)}";
                if (random.Next(10) == 0)
                {
                    ulong to = (ulong)random.NextInt64((long)End + 1);
                    target.Monitor($"seek {to}", CancellationToken.None);
                    model.Seek(to);
                }
                else
                {
                    DebugStop stop = target.Resume(request, CancellationToken.None);
                    Assert.True(model.Resume(request) == stop, $"{what}: {stop}");
                }
                model.AssertIs(history, what);
            }
        }
    }

    [Fact]
    public void From_every_position_every_single_request_ends_where_the_list_says()
    {
        const int Threads = 2;
        const ulong Short = 60;
        DebugPoint?[] points =
        [
            null, new(DebugPointKind.SoftwareBreakpoint, ToyMachine.Base + 4, 1), new(DebugPointKind.HardwareBreakpoint, ToyMachine.Base, 1),
            new(DebugPointKind.WriteWatchpoint, ToyMachine.Shared + 3, 1), new(DebugPointKind.ReadWatchpoint, ToyMachine.Shared, 4),
            new(DebugPointKind.AccessWatchpoint, ToyMachine.Own, 16), new(DebugPointKind.WriteWatchpoint, ToyMachine.Own + 16, 8),
        ];
        foreach (ulong interval in (ulong[])[1, 3, 10, 1000])
        {
            for (ulong from = 0; from <= Short; from++)
            {
                foreach (DebugPoint? point in points)
                {
                    for (int kind = 0; kind < 8; kind++)
                    {
                        var request = new ResumeRequest
                        {
                            IsBackward = (kind & 1) != 0, IsStep = kind >= 2, Thread = kind >= 2 ? (kind >> 1) - 1 : 0,
                            Points = point is { } one ? [one] : [],
                        };
                        var history = new ToyHistory(Threads, 5, Short, interval);
                        var target = new HistoryTarget(history);
                        var model = new StateList(Threads, 5, Short);
                        target.Monitor($"seek {from}", CancellationToken.None);
                        model.Seek(from);
                        Assert.Equal(model.Resume(request), target.Resume(request, CancellationToken.None));
                        model.AssertIs(history, $"from {from}: {request}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Backwards_costs_pieces_not_the_whole()
    {
        var history = new ToyHistory(2, 1, 10_000, 100);
        var target = new HistoryTarget(history);
        target.Monitor("seek end", CancellationToken.None);
        ulong before = history.Work;
        target.Resume(new ResumeRequest { IsBackward = true, IsStep = true }, CancellationToken.None);
        Assert.Equal(9_999UL, history.Position);
        Assert.InRange(history.Work - before, 1UL, 200UL);
    }

    [Fact]
    public void What_happens_to_others_while_one_steps_alone_is_told_when_all_go_on()
    {
        var point = new DebugPoint(DebugPointKind.SoftwareBreakpoint, ToyMachine.Base + 2, 1);
        var watch = new DebugPoint(DebugPointKind.WriteWatchpoint, ToyMachine.Shared, 4);
        int told = 0;
        for (ulong seed = 0; seed < 200; seed++)
        {
            var history = new ToyHistory(2, seed, End, 50);
            var target = new HistoryTarget(history);
            var model = new StateList(2, seed, End);
            // Thread 2 is to step off the breakpoint, alone, when it may not be its turn.
            DebugStop at = target.Resume(new ResumeRequest { Points = [point] }, CancellationToken.None);
            int other = at.Thread;
            int mine = 3 - other;
            ulong before = history.Position;
            DebugStop stepped = target.Resume(
                new ResumeRequest { IsStep = true, IsAlone = true, Thread = mine, Points = [watch] }, CancellationToken.None);
            Assert.Equal(mine, stepped.Thread);
            model.Seek(before);
            DebugStop expected = model.Resume(new ResumeRequest { IsStep = true, Thread = mine, Points = [watch] });
            Assert.Equal((ulong)model.Position, history.Position);
            if (expected.Thread == mine)
                continue;
            told++;
            Assert.Equal(expected, target.Resume(new ResumeRequest { Points = [watch] }, CancellationToken.None));
            Assert.Equal((ulong)model.Position, history.Position);
        }
        Assert.InRange(told, 10, 190);
    }

    [Fact]
    public void A_breakpoint_that_one_thread_steps_off_still_stops_the_other()
    {
        var point = new DebugPoint(DebugPointKind.SoftwareBreakpoint, ToyMachine.Base + 2, 1);
        int held = 0;
        for (ulong seed = 0; seed < 300; seed++)
        {
            var history = new ToyHistory(2, seed, End, 50);
            var target = new HistoryTarget(history);
            // Thread 1 comes to stand on the breakpoint, and it is the other's turn.
            for (int steps = 0; steps < 50 && !(history.State.Pc[0] == point.Address && history.NextThread == 2); steps++)
                target.Resume(new ResumeRequest { IsStep = true, Thread = 1, Points = [point] }, CancellationToken.None);
            if (history.State.Pc[0] != point.Address || history.NextThread != 2 || history.NextAddress == point.Address)
                continue;
            // The debugger takes the breakpoint away to step off it.
            DebugStop stepped = target.Resume(new ResumeRequest { IsStep = true, IsAlone = true, Thread = 1 }, CancellationToken.None);
            Assert.Equal(DebugStop.Stepped(1), stepped);
            if (history.State.Pc[0] != point.Address)
                continue;
            held++;
            Assert.Equal(2, history.NextThread);
            Assert.Equal(DebugStop.AtBreakpoint(2, point), target.Resume(new ResumeRequest { Points = [point] }, CancellationToken.None));
        }
        Assert.True(held > 5, $"{held}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_interrupt_stops_a_move_where_nothing_was_passed(bool isBackward)
    {
        using var interrupt = new CancellationTokenSource();
        interrupt.Cancel();
        var history = new ToyHistory(2, 3, End, 10);
        var target = new HistoryTarget(history);
        target.Monitor("seek 200", CancellationToken.None);
        DebugStop stop = target.Resume(new ResumeRequest { IsBackward = isBackward }, interrupt.Token);
        Assert.Equal(DebugStop.InterruptSignal, stop.Number);
        Assert.Equal(200UL, history.Position);
    }

    [Fact]
    public void Monitor_says_where_it_is_and_goes_elsewhere()
    {
        var target = new HistoryTarget(new ToyHistory(2, 3, End, 10),
            new MonitorCommand("echo", "TEXT: says it again", (words, _) => string.Join(' ', words) + "\n"));
        Assert.Contains("echo: TEXT", target.Monitor("help", CancellationToken.None), StringComparison.Ordinal);
        Assert.Equal("a b\n", target.Monitor("echo a b", CancellationToken.None));
        Assert.StartsWith("After step 17; thread ", target.Monitor("seek 17", CancellationToken.None), StringComparison.Ordinal);
        Assert.StartsWith("After step 17;", target.Monitor("where", CancellationToken.None), StringComparison.Ordinal);
        Assert.Equal("After step 400, at the end.\n", target.Monitor("seek end", CancellationToken.None));
        Assert.StartsWith("After step 0;", target.Monitor("seek begin", CancellationToken.None), StringComparison.Ordinal);
        Assert.StartsWith("Which step?", target.Monitor("seek x", CancellationToken.None), StringComparison.Ordinal);
        Assert.StartsWith("There is no command", target.Monitor("fly", CancellationToken.None), StringComparison.Ordinal);
    }

    private static ResumeRequest Request(Random random, int threads)
    {
        var points = new HashSet<DebugPoint>();
        for (int count = random.Next(4); count > 0; count--)
        {
            var kind = (DebugPointKind)random.Next(5);
            points.Add(kind <= DebugPointKind.HardwareBreakpoint
                ? new DebugPoint(kind, ToyMachine.Base + (ulong)random.Next(ToyMachine.LoopLength), 1)
                : new DebugPoint(kind, ToyMachine.Shared + (ulong)random.Next(48), (ulong)random.Next(1, 9)));
        }
        bool isStep = random.Next(2) == 0;
        bool isRange = isStep && random.Next(4) == 0;
        return new ResumeRequest
        {
            IsBackward = random.Next(2) == 0,
            IsStep = isStep,
            Thread = isStep ? random.Next(threads + 1) : 0,
            RangeStart = isRange ? ToyMachine.Base + 1 : 0,
            RangeEnd = isRange ? ToyMachine.Base + 5 : 0,
            Points = points,
        };
    }
}
