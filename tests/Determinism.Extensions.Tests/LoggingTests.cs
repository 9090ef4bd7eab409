using Determinism.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Determinism.Extensions.Tests;

public sealed class LoggingTests : IDisposable
{
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(5);

    private readonly CapturedLog _captured = new();
    private readonly ManualTime _time = new();
    private readonly MemoryEventLog _log = new(1);
    private readonly ServiceProvider _provider;

    public LoggingTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.AddLogging(logging => logging.AddProvider(_captured));
        services.AddDeterminism();
        services.AddKeyedDeterminism("first");
        _provider = services.BuildServiceProvider();
    }

    private SessionFactory Factory => _provider.GetRequiredService<SessionFactory>();

    public void Dispose()
    {
        _provider.Dispose();
        _captured.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_recording_is_told_when_it_starts_and_ends()
    {
        ExecutionSession session = Record();
        CapturedRecord started = _captured.Single("RecordingStarted");
        Assert.Equal("Determinism", started.Category);
        Assert.Equal(LogLevel.Information, started.Level);
        Assert.Equal(SmallMachine.Guest, started.Values["Guest"]);
        Assert.Equal(1, started.Values["Vcpus"]);
        Assert.Equal("default", started.Values["Machine"]);

        CapturedRecord ended = _captured.Single("RecordingEnded");
        Assert.Equal(LogLevel.Information, ended.Level);
        Assert.Equal(session.Statistics.EventCount, ended.Values["Events"]);
        Assert.Equal(session.Statistics.EventBytes, ended.Values["Bytes"]);
        Assert.Equal(s_duration, ended.Values["Duration"]);
        Assert.Equal("completed", ended.Values["Outcome"]);
        Assert.Equal(2, _captured.Records.Count);
    }

    [Fact]
    public void A_replay_is_told_when_it_starts_and_ends()
    {
        Record();
        ExecutionSession session = Replay(new SmallMachine(1));
        Assert.Equal(LogLevel.Information, _captured.Single("ReplayStarted").Level);
        CapturedRecord ended = _captured.Single("ReplayEnded");
        Assert.Equal(session.Statistics.EventCount, ended.Values["Events"]);
        Assert.Equal(s_duration, ended.Values["Duration"]);
        Assert.Equal(4, _captured.Records.Count);
    }

    [Fact]
    public void A_divergence_is_an_error_with_its_report()
    {
        Record();
        Assert.Throws<ReplayDivergenceException>(() => Replay(new SmallMachine(1) { Start = 1 }));
        CapturedRecord record = _captured.Single("ReplayDiverged");
        Assert.Equal(LogLevel.Error, record.Level);
        Assert.NotNull(Assert.IsType<ReplayDivergenceException>(record.Error).Report);
        Assert.DoesNotContain(_captured.Records, one => one.Id.Name == "ReplayEnded");
    }

    [Fact]
    public void A_failure_is_an_error_with_its_cause()
    {
        var cause = new InvalidOperationException("The monitor broke.");
        var machine = new SmallMachine(1) { OnExit = () => throw cause };
        using ExecutionSession session = Factory.StartRecording(machine, machine.Shape, _log, SmallMachine.Guest, 0);
        Assert.Throws<DeterminismException>(() => machine.Run(session));
        CapturedRecord record = _captured.Single("SessionFailed");
        Assert.Equal(LogLevel.Error, record.Level);
        Assert.Same(cause, record.Error);
        Assert.Equal("record", record.Values["Kind"]);
    }

    [Fact]
    public void A_refusal_is_a_warning_with_its_reason()
    {
        SmallMachine fit = new(1);
        var unfit = new SmallMachine(1) { Capabilities = fit.Capabilities with { CanProtectFrames = false } };
        var refused = Assert.Throws<RecordingRefusedException>(
            () => Factory.StartRecording(unfit, unfit.Shape, _log, SmallMachine.Guest, 0));
        CapturedRecord record = _captured.Single("SessionRefused");
        Assert.Equal(LogLevel.Warning, record.Level);
        Assert.Same(refused, record.Error);
        Assert.Equal(refused.Message, record.Values["Reason"]);

        Record();
        Assert.Throws<ReplayRefusedException>(() => Factory.StartReplay(fit, _log, "another", 0));
        Assert.Equal("another", _captured.Records[^1].Values["Guest"]);
        Assert.Equal("SessionRefused", _captured.Records[^1].Id.Name);
    }

    [Fact]
    public void A_cancelled_and_an_unrecorded_run_are_told_as_such()
    {
        var machine = new SmallMachine(1);
        _provider.GetRequiredKeyedService<SessionFactory>("first")
            .StartUnrecorded(machine, machine.Shape, SmallMachine.Guest).Dispose();
        Assert.Equal("first", _captured.Single("UnrecordedStarted").Values["Machine"]);
        Assert.Equal("cancelled", _captured.Single("UnrecordedEnded").Values["Outcome"]);
    }

    [Fact]
    public void Event_numbers_are_all_different() // Hosts filter by them.
    {
        Record();
        Replay(new SmallMachine(1));
        A_cancelled_and_an_unrecorded_run_are_told_as_such();
        Assert.Equal(Enumerable.Range(1, 6), _captured.Records.Select(record => record.Id.Id));
    }

    [Fact]
    public void Without_logging_nothing_is_missed()
    {
        var services = new ServiceCollection();
        services.AddDeterminism();
        using ServiceProvider provider = services.BuildServiceProvider();
        var machine = new SmallMachine(1);
        using ExecutionSession session = provider.GetRequiredService<SessionFactory>()
            .StartRecording(machine, machine.Shape, _log, SmallMachine.Guest, 0);
        machine.Run(session);
        Assert.Null(provider.GetService<ILoggerFactory>());
    }

    private ExecutionSession Record()
    {
        var machine = new SmallMachine(1);
        using ExecutionSession session = Factory.StartRecording(machine, machine.Shape, _log, SmallMachine.Guest, 0);
        machine.RunWithoutCompleting(session);
        _time.Advance(s_duration);
        session.Complete();
        return session;
    }

    private ExecutionSession Replay(SmallMachine machine)
    {
        using ExecutionSession session = Factory.StartReplay(machine, _log, SmallMachine.Guest, 0);
        machine.RunWithoutCompleting(session);
        _time.Advance(s_duration);
        session.Complete();
        return session;
    }
}
