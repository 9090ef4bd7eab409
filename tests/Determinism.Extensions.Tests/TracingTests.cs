using System.Diagnostics;
using System.Runtime.CompilerServices;
using Determinism.Log;
using Determinism.Recording;
using Microsoft.Extensions.DependencyInjection;

namespace Determinism.Extensions.Tests;

public sealed class TracingTests : IDisposable
{
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(5);

    private readonly ManualTime _time = new();
    private readonly MemoryEventLog _log = new(1);
    private readonly ServiceProvider _provider;

    public TracingTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.AddKeyedDeterminism("first");
        _provider = services.BuildServiceProvider();
    }

    public void Dispose()
    {
        _provider.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_session_is_one_activity_from_its_start_to_its_end()
    {
        using CapturedActivities captured = Capture();
        var machine = new SmallMachine(1);
        using (ExecutionSession session = Start(machine))
        {
            Assert.Empty(captured.Ended);
            _time.Advance(s_duration);
            machine.Run(session);
        }
        Activity activity = Assert.Single(captured.Ended);
        Assert.Equal("determinism.record", activity.OperationName);
        Assert.Equal("record", activity.GetTagItem("determinism.session.kind"));
        Assert.Equal("first", activity.GetTagItem("determinism.session.key"));
        Assert.Equal(1, activity.GetTagItem("determinism.session.vcpus"));
        Assert.Equal("completed", activity.GetTagItem("determinism.session.outcome"));
        Assert.Equal(ActivityStatusCode.Unset, activity.Status);
        Assert.Equal(ManualTime.Beginning.UtcDateTime, activity.StartTimeUtc);
        Assert.Equal(s_duration, activity.Duration);
    }

    [Fact]
    public void It_is_the_child_of_the_starter_and_never_anybodys_current_one()
    {
        using CapturedActivities captured = Capture();
        using var starter = new Activity("starter");
        starter.Start();
        ExecutionSession session = Start(new SmallMachine(1));
        Assert.Same(starter, Activity.Current);
        starter.Stop();
        using var ender = new Activity("ender");
        ender.Start();
        session.Dispose();
        Assert.Same(ender, Activity.Current);
        Activity activity = Assert.Single(captured.Ended);
        Assert.Equal(starter.SpanId, activity.ParentSpanId);
        Assert.Equal(starter.TraceId, activity.TraceId);
        Assert.Equal("cancelled", activity.GetTagItem("determinism.session.outcome"));
    }

    [Fact]
    public void A_failure_is_an_error_with_the_exception()
    {
        using CapturedActivities captured = Capture();
        var machine = new SmallMachine(1) { OnExit = () => throw new InvalidOperationException("The monitor broke.") };
        using ExecutionSession session = Start(machine);
        Assert.Throws<DeterminismException>(() => machine.Run(session));
        AssertError(captured, "failed", "The monitor broke.");
    }

    [Fact]
    public void A_divergence_is_an_error()
    {
        const string Guest = nameof(A_divergence_is_an_error);
        SessionFactory factory = _provider.GetRequiredKeyedService<SessionFactory>("first");
        var recorded = new SmallMachine(1);
        using (ExecutionSession recording = factory.StartRecording(recorded, recorded.Shape, _log, Guest, 0))
            recorded.Run(recording);
        using CapturedActivities captured = Capture();
        var machine = new SmallMachine(1) { Start = 1 };
        using ExecutionSession session = factory.StartReplay(machine, _log, Guest, 0);
        Assert.Throws<ReplayDivergenceException>(() => machine.Run(session));
        AssertError(captured, "diverged", "diverged at event");
    }

    [Fact]
    public void A_refusal_is_an_error()
    {
        using CapturedActivities captured = Capture();
        var machine = new SmallMachine(1);
        machine = new SmallMachine(1) { Capabilities = machine.Capabilities with { CanStopVcpu = false } };
        Assert.Throws<RecordingRefusedException>(() => Start(machine));
        AssertError(captured, "refused", "could not be replayed");
    }

    private static CapturedActivities Capture([CallerMemberName] string guest = "") => new(guest);

    private static void AssertError(CapturedActivities captured, string outcome, string reason)
    {
        Activity activity = Assert.Single(captured.Ended);
        Assert.Equal(ActivityStatusCode.Error, activity.Status);
        Assert.Contains(reason, activity.StatusDescription!, StringComparison.Ordinal);
        Assert.Equal(outcome, activity.GetTagItem("determinism.session.outcome"));
        Assert.Single(activity.Events, one => one.Name == "exception");
    }

    private RecordingSession Start(SmallMachine machine, [CallerMemberName] string guest = "") =>
        _provider.GetRequiredKeyedService<SessionFactory>("first")
            .StartRecording(machine, machine.Shape, _log, guest, 0);
}
