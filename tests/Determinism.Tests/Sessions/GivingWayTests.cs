using Determinism.Recording;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>A vCPU whose guest waits in a loop looks whether anybody wants anything of it before the loop goes on.</summary>
public sealed class GivingWayTests : IDisposable
{
    private readonly AskedTime _time = new();
    private readonly Driven _driven;
    private readonly RecordingSession _session;
    private readonly AgentSession _waiting;

    public GivingWayTests()
    {
        _driven = new Driven(2) { Options = new Driven(2).Options with { Time = _time } };
        _session = _driven.Record();
        _waiting = _session.Agent(0);
        FaultOn(_waiting, 5);
        Assert.True(Driven.RunTo(_waiting, _driven.Backend, 6, ExitKind.Synchronous));
    }

    [Fact]
    public void What_is_wanted_meanwhile_is_given_at_once()
    {
        Task? wanted = null;
        _time.At(10, () =>
        {
            wanted = Driven.Aside(() => FaultOn(_session.Agent(1), 1));
            Driven.Until(() => _driven.Backend.Kicks(0) > 0, "for the request.");
        });
        _waiting.GiveWay();
        Driven.Finishes(wanted!);
        Assert.InRange(_time.Asked, 10, 15);
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

    public void Dispose()
    {
        _session.Dispose();
        _driven.Dispose();
    }

    private void FaultOn(AgentSession agent, ulong count)
    {
        Assert.True(Driven.RunTo(agent, _driven.Backend, count, ExitKind.Fault));
        agent.Fault([Driven.Word(0x2000, AccessRight.ReadWrite)]);
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
