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
        AgentSession keeps = _session.Agent(1);
        Task taken = Driven.Aside(() => FaultOn(keeps, 1));
        Driven.Until(() => _driven.Backend.Kicks(0) > 0, "for the request.");
        Assert.True(_waiting.TryEnter(out _));
        Driven.Finishes(taken);
        Assert.True(Driven.RunTo(keeps, _driven.Backend, 2, ExitKind.Synchronous));
        keeps.GiveWay();
        Assert.True(Driven.RunTo(keeps, _driven.Backend, 3, ExitKind.Synchronous));
        // Time stands still, and so does the hold time: nobody asks.
        _driven.Backend.Points[0] = new ExecutionPoint(7, 7, 0, 0);
        _waiting.Exited(ExitKind.Stopped);
        Task wanted = Driven.Aside(() => FaultOn(_waiting, 8));
        Driven.Until(() => _session.Tracker.WaitingCount > 0, "for the request.");
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

    // One at a time, or held back by chance: nobody could ask meanwhile.
    [Fact]
    public void Nobody_looks_where_the_scheduler_keeps_others_waiting()
    {
        _time.Passes = TimeSpan.FromMilliseconds(0.01);
        foreach (IVcpuScheduler scheduler in (IVcpuScheduler[])[new SerialScheduler(), new ChaosScheduler(1, 2)])
        {
            using var driven = new Driven(2) { Options = _driven.Options with { Scheduler = scheduler } };
            using RecordingSession session = driven.Record();
            _time.At(0, static () => { });
            session.Agent(0).GiveWay();
            Assert.InRange(_time.Asked, 0, 4);
        }
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
