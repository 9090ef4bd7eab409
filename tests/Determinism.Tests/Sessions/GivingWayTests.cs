using Determinism.Recording;
using Determinism.Scheduling;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>A vCPU whose guest waits in a loop looks whether anybody wants anything of it before the loop goes on.</summary>
public sealed class GivingWayTests : IDisposable
{
    private const ulong Address = 0x2000;

    // What was handed over is kept for ever, as time does not pass.
    private static readonly ParallelScheduler s_keeping = new(TimeSpan.FromMilliseconds(1));

    private readonly AskedTime _time = new();
    private readonly Driven _driven;
    private readonly RecordingSession _session;
    private readonly AgentSession _waiting;

    public GivingWayTests()
    {
        _driven = new Driven(2) { Options = new Driven(2).Options with { Time = _time, Scheduler = s_keeping } };
        _session = _driven.Record();
        _waiting = _session.Agent(0);
        FaultOn(_waiting, 5);
        Assert.True(Driven.RunTo(_waiting, _driven.Backend, 6, ExitKind.Synchronous));
    }

    [Fact]
    public void What_is_wanted_meanwhile_is_given_at_the_next_entry()
    {
        Task wanted = GiveWayUntilAsked();
        ulong events = _waiting.CompletedEvents;
        Assert.True(_waiting.TryEnter(out _));
        Driven.Finishes(wanted);
        Assert.Equal(events + 1, _waiting.CompletedEvents);
    }

    // A replay opens the span with the frame that it still has.
    [Fact]
    public void A_span_in_the_same_exit_still_has_the_frame()
    {
        ulong events = _waiting.CompletedEvents;
        Task wanted = GiveWayUntilAsked();
        // Or it would wait for the frame for ever.
        Assert.Equal(events, _waiting.CompletedEvents);
        using (_waiting.Open([Driven.Word(Address, AccessRight.ReadWrite)]))
            Assert.Equal(events, _waiting.CompletedEvents);
        Assert.True(_waiting.TryEnter(out _));
        Driven.Finishes(wanted);
    }

    [Fact]
    public void Whoever_gives_way_does_so_once()
    {
        AgentSession keeps = HandOver();
        Assert.True(Driven.RunTo(keeps, _driven.Backend, 2, ExitKind.Synchronous));
        keeps.GiveWay();
        Assert.True(Driven.RunTo(keeps, _driven.Backend, 3, ExitKind.Synchronous));
        Task wanted = WantBack();
        ulong events = keeps.CompletedEvents;
        Assert.True(Driven.RunTo(keeps, _driven.Backend, 4, ExitKind.Synchronous));
        Assert.Equal(events, keeps.CompletedEvents);
        keeps.GiveWay();
        Assert.True(keeps.TryEnter(out _));
        Driven.Finishes(wanted);
    }

    [Fact]
    public void Whoever_is_to_stand_still_does()
    {
        Task? attached = null;
        _time.At(10, () =>
        {
            attached = Driven.Aside(() => Assert.ThrowsAny<Exception>(_session.HandOver));
            Driven.Until(() => _session.Still.IsWanted, "for the wish.");
        });
        _waiting.GiveWay();
        Assert.InRange(_time.Asked, 10, 12);
        _session.Cancel();
        Driven.Finishes(attached!);
    }

    [Fact]
    public void Whoever_is_woken_goes_on_and_looks_again_the_next_time()
    {
        _time.At(10, _waiting.Wake);
        _waiting.GiveWay();
        Assert.InRange(_time.Asked, 10, 12);
        Assert.True(Driven.RunTo(_waiting, _driven.Backend, 7, ExitKind.Synchronous));
        _time.At(50, _waiting.Wake);
        _waiting.GiveWay();
        Assert.InRange(_time.Asked, 50, 52);
    }

    [Fact]
    public void A_recording_that_is_over_keeps_nobody()
    {
        _time.At(10, () => _session.Fail(new InvalidOperationException("Planted.")));
        _waiting.GiveWay();
        Assert.InRange(_time.Asked, 10, 12);
    }

    [Fact]
    public void Nobody_looks_for_long()
    {
        _time.Passes = TimeSpan.FromMilliseconds(0.01);
        _time.At(0, static () => { });
        _waiting.GiveWay();
        Assert.InRange(_time.Asked, 5, 50);
    }

    // One at a time, held back by chance, or alone: nobody could ask meanwhile.
    [Theory]
    [InlineData("serial", 2)]
    [InlineData("chaos", 2)]
    [InlineData("parallel", 1)]
    public void Nobody_looks_where_nobody_can_ask(string scheduler, int vcpus)
    {
        using var driven = new Driven(vcpus)
        {
            Options = _driven.Options with
            {
                Scheduler = scheduler switch
                {
                    "serial" => new SerialScheduler(),
                    "chaos" => new ChaosScheduler(1, 2),
                    _ => s_keeping,
                },
            },
        };
        using RecordingSession session = driven.Record();
        Assert.True(Driven.RunTo(session.Agent(0), driven.Backend, 1, ExitKind.Synchronous));
        AssertDoesNotLook(session.Agent(0));
    }

    // Where the host has caused the exit nothing can be served: at the next one of the guest's.
    [Fact]
    public void At_an_exit_of_the_host_nobody_looks_and_what_is_wanted_is_given_later()
    {
        AgentSession keeps = HandOver();
        Assert.True(Driven.RunTo(keeps, _driven.Backend, 2, ExitKind.Host));
        AssertDoesNotLook(keeps);
        Task wanted = WantBack();
        ulong events = keeps.CompletedEvents;
        Assert.True(Driven.RunTo(keeps, _driven.Backend, 3, ExitKind.Synchronous));
        Assert.Equal(events, keeps.CompletedEvents);
        Assert.True(keeps.TryEnter(out _));
        Driven.Finishes(wanted);
    }

    [Fact]
    public void Whoever_was_called_before_does_not_look()
    {
        _waiting.Wake();
        Assert.True(Driven.RunTo(_waiting, _driven.Backend, 7, ExitKind.Synchronous));
        AssertDoesNotLook(_waiting);
    }

    // Both wait in loops, one at a time: each goes through its loop once before the other is asked for again.
    [Fact]
    public void Whoever_waits_for_the_machine_after_giving_way_runs_before_it_gives_way_again()
    {
        using var driven = new Driven(2) { Options = _driven.Options with { Scheduler = new SerialScheduler(), DigestInterval = 1 } };
        using var log = new WatchedLog(driven.Log);
        using RecordingSession session = RecordingSession.Start(driven.Backend, driven.Shape, log, driven.Options);
        AgentSession first = session.Agent(0), second = session.Agent(1);
        using var firstIsIn = new ManualResetEventSlim();
        Task firstRuns = Driven.Aside(() =>
        {
            Assert.True(Driven.RunTo(first, driven.Backend, 5, ExitKind.Synchronous));
            firstIsIn.Set();
            Driven.Until(() => session.Tracker.IsWaitedFor(0), "for the second.");
            first.GiveWay();
            Assert.True(first.TryEnter(out _));
        });
        Task secondRuns = Driven.Aside(() =>
        {
            firstIsIn.Wait();
            Assert.True(Driven.RunTo(second, driven.Backend, 3, ExitKind.Synchronous));
            Driven.Until(() => session.Tracker.IsWaitedFor(1), "for the first.");
            // The first has the machine again, and its digest takes so long that the second asks meanwhile.
            log.BeforeDigestOfFirst = () => Driven.Until(() => session.Tracker.IsWaitedFor(0), "for the second again.");
            second.GiveWay();
            second.TryEnter(out _);
        });
        Driven.Finishes(firstRuns);
        Assert.True(log.HasSeenDigest);
        Assert.False(secondRuns.IsCompleted);
        session.Cancel();
        Driven.Finishes(secondRuns);
    }

    // Twelve turns' time is what side by side may lose at first: 72 ms.
    [Fact]
    public void What_was_waited_is_charged_once()
    {
        var scheduler = new ParallelScheduler(new SharingPolicy { Turn = TimeSpan.FromMilliseconds(6), LeastGain = 2 });
        using var driven = new Driven(2) { Options = _driven.Options with { Scheduler = scheduler } };
        using RecordingSession session = driven.Record();
        AgentSession waits = session.Agent(0);
        FaultOn(waits, 5, driven);
        Assert.True(Driven.RunTo(waits, driven.Backend, 6, ExitKind.Synchronous));
        WaitFor50();
        Task wanted = Driven.Aside(() => FaultOn(session.Agent(1), 1, driven));
        Driven.Until(() => driven.Backend.Kicks(0) > 0, "for the request.");
        Assert.True(waits.TryEnter(out _));
        Driven.Finishes(wanted);
        Assert.False(session.Turns!.AreTaken);
        driven.Backend.Points[0] = new ExecutionPoint(7, 7, 0, 0);
        waits.Exited(ExitKind.Synchronous);
        WaitFor50();
        Assert.True(session.Turns!.AreTaken);

        void WaitFor50()
        {
            _time.At(10, () => _time.Pass(TimeSpan.FromMilliseconds(50)));
            waits.GiveWay();
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _driven.Dispose();
    }

    /// <summary>The other vCPU takes the frame.</summary>
    private AgentSession HandOver()
    {
        AgentSession taker = _session.Agent(1);
        Task taken = Driven.Aside(() => FaultOn(taker, 1));
        Driven.Until(() => _driven.Backend.Kicks(0) > 0, "for the request.");
        Assert.True(_waiting.TryEnter(out _));
        Driven.Finishes(taken);
        return taker;
    }

    /// <summary>The first vCPU wants it again. Time stands still, and so does the hold time: the other is not asked.</summary>
    private Task WantBack()
    {
        _driven.Backend.Points[0] = new ExecutionPoint(7, 7, 0, 0);
        _waiting.Exited(ExitKind.Stopped);
        Task wanted = Driven.Aside(() => FaultOn(_waiting, 8));
        Driven.Until(() => _session.Tracker.WaitingCount > 0, "for the request.");
        return wanted;
    }

    private void AssertDoesNotLook(AgentSession agent)
    {
        _time.Passes = TimeSpan.FromMilliseconds(0.01);
        _time.At(0, static () => { });
        agent.GiveWay();
        Assert.InRange(_time.Asked, 0, 4);
        _time.Passes = TimeSpan.Zero;
    }

    private Task GiveWayUntilAsked()
    {
        Task? wanted = null;
        _time.At(10, () =>
        {
            wanted = Driven.Aside(() => FaultOn(_session.Agent(1), 1));
            Driven.Until(() => _driven.Backend.Kicks(0) > 0, "for the request.");
        });
        _waiting.GiveWay();
        Assert.InRange(_time.Asked, 10, 15);
        return wanted!;
    }

    private void FaultOn(AgentSession agent, ulong count, Driven? driven = null)
    {
        Assert.True(Driven.RunTo(agent, (driven ?? _driven).Backend, count, ExitKind.Fault));
        agent.Fault([Driven.Word(Address, AccessRight.ReadWrite)]);
    }

    private sealed class WatchedLog(IEventLog inner) : IEventLog
    {
        public Action? BeforeDigestOfFirst { get; set; }

        public bool HasSeenDigest { get; private set; }

        public int StreamCount => inner.StreamCount;

        public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
        {
            const int KindMask = 0xF;
            if (stream == 0 && (EventKind)(encoded[0] & KindMask) == EventKind.Digest && BeforeDigestOfFirst is { } before)
            {
                before();
                HasSeenDigest = true;
            }
            return inner.Append(stream, encoded);
        }

        public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content) => inner.AppendBlock(kind, content);

        public void WaitForCommit(LogPosition position) => inner.WaitForCommit(position);

        public void Complete() => inner.Complete();

        public void Dispose()
        {
        }
    }

    /// <summary>Time that passes when this thread asks for it, and not by itself.</summary>
    private sealed class AskedTime : TimeProvider
    {
        private readonly Thread _thread = Thread.CurrentThread;
        private long _now;
        private int _at;
        private Action _action = static () => { };

        public TimeSpan Passes { get; set; }

        /// <summary>How often this thread has asked since <see cref="At"/>.</summary>
        public int Asked { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void At(int asked, Action action) => (Asked, _at, _action) = (0, asked, action);

        public void Pass(TimeSpan time) => _now += time.Ticks;

        public override long GetTimestamp()
        {
            if (Thread.CurrentThread == _thread)
            {
                _now += Passes.Ticks;
                if (++Asked == _at)
                    _action();
            }
            return Volatile.Read(ref _now);
        }
    }
}
