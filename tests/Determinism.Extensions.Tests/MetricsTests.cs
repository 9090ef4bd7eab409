using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Determinism.Diagnostics;
using Determinism.Log;
using Microsoft.Extensions.DependencyInjection;

namespace Determinism.Extensions.Tests;

public class MetricsTests
{
    private static readonly (string, string) s_record = ("determinism.session.kind", "record");
    private static readonly (string, string) s_replay = ("determinism.session.kind", "replay");

    [Fact]
    public void A_host_has_six_instruments_however_many_machines()
    {
        using ServiceProvider provider = MakeProvider("first", "second");
        using var measured = new Measurements(provider.GetRequiredService<IMeterFactory>());
        provider.GetRequiredKeyedService<SessionFactory>("first");
        provider.GetRequiredKeyedService<SessionFactory>("second");
        provider.GetRequiredService<SessionFactory>();
        Assert.Equal(
            [
                "determinism.constraints", "determinism.log.bytes", "determinism.log.events",
                "determinism.page.steals", "determinism.page.transitions", "determinism.sessions.active",
            ],
            measured.Instruments.Select(instrument => instrument.Name).Order(StringComparer.Ordinal));
        Assert.All(measured.Instruments, instrument => Assert.True(instrument.IsObservable));
        Assert.All(measured.Instruments, instrument => Assert.NotEmpty(instrument.Unit!));
    }

    [Fact]
    public void Instruments_read_what_sessions_count()
    {
        using ServiceProvider provider = MakeProvider();
        using var measured = new Measurements(provider.GetRequiredService<IMeterFactory>());
        SessionFactory factory = provider.GetRequiredService<SessionFactory>();
        Assert.Null(measured.Read("determinism.sessions.active"));

        var machine = new SmallMachine(2);
        using var log = new MemoryEventLog(2);
        using ExecutionSession session = factory.StartRecording(machine, machine.Shape, log, SmallMachine.Guest, 0);
        Assert.Equal(1, measured.Read("determinism.sessions.active", s_record));
        machine.RunWithoutCompleting(session);
        SessionStatistics expected = session.Statistics;
        Assert.Equal(1, measured.Read("determinism.sessions.active", s_record));
        AssertRecorded(measured, expected);
        session.Complete();
        Assert.Equal(0, measured.Read("determinism.sessions.active", s_record));
        AssertRecorded(measured, expected);

        var again = new SmallMachine(2);
        using ExecutionSession replay = factory.StartReplay(again, log, SmallMachine.Guest, 0);
        Assert.Equal(1, measured.Read("determinism.sessions.active", s_replay));
        again.Run(replay);
        Assert.Equal(replay.Statistics.EventCount, measured.Read("determinism.log.events", s_replay));
        Assert.Equal(replay.Statistics.Constraints, measured.Read("determinism.constraints", s_replay));
        Assert.Null(measured.Read("determinism.log.bytes", s_replay));
        Assert.Null(measured.Read("determinism.page.steals", s_replay));
        AssertRecorded(measured, expected);
    }

    [Fact]
    public void Counters_never_fall_while_sessions_start_and_end()
    {
        using ServiceProvider provider = MakeProvider();
        using var measured = new Measurements(provider.GetRequiredService<IMeterFactory>());
        SessionFactory factory = provider.GetRequiredService<SessionFactory>();
        string[] counters = ["determinism.page.transitions", "determinism.log.bytes", "determinism.log.events"];
        var last = new long[counters.Length];
        long expected = 0;
        var isDone = new ManualResetEventSlim();
        var runs = new Thread(() =>
        {
            for (int run = 0; run < 20; run++)
            {
                var machine = new SmallMachine(2);
                using var log = new MemoryEventLog(2);
                using ExecutionSession session =
                    factory.StartRecording(machine, machine.Shape, log, SmallMachine.Guest, 0);
                machine.Run(session);
                expected += session.Statistics.EventCount;
            }
            isDone.Set();
        });
        runs.Start();
        bool isLast;
        do
        {
            isLast = isDone.IsSet;
            for (int counter = 0; counter < counters.Length; counter++)
            {
                long now = measured.Read(counters[counter]) ?? 0;
                Assert.True(now >= last[counter], $"{counters[counter]} fell from {last[counter]} to {now}.");
                last[counter] = now;
            }
        }
        while (!isLast);
        runs.Join();
        Assert.Equal(expected, last[2]);
    }

    [Fact]
    public void Machines_are_told_apart_by_key()
    {
        using ServiceProvider provider = MakeProvider("first", "second");
        using var measured = new Measurements(provider.GetRequiredService<IMeterFactory>());
        using var log = new MemoryEventLog(1);
        var machine = new SmallMachine(1);
        using (ExecutionSession session = provider.GetRequiredKeyedService<SessionFactory>("first")
            .StartRecording(machine, machine.Shape, log, SmallMachine.Guest, 0))
            machine.Run(session);
        using ExecutionSession unkeyed = provider.GetRequiredService<SessionFactory>()
            .StartUnrecorded(machine, machine.Shape, SmallMachine.Guest);
        Assert.Equal(0, measured.Read("determinism.sessions.active", s_record, ("determinism.session.key", "first")));
        Assert.True(measured.Read("determinism.log.bytes", ("determinism.session.key", "first")) > 0);
        Assert.Null(measured.Read("determinism.log.bytes", ("determinism.session.key", "second")));
        Assert.Equal(1, measured.Read("determinism.sessions.active", ("determinism.session.kind", "unrecorded")));
        Assert.Null(measured.Read("determinism.log.events", ("determinism.session.kind", "unrecorded")));
    }

    [Fact]
    public void Without_a_meter_factory_there_is_a_plain_meter_until_the_container_is_gone()
    {
        const string Key = "without a meter factory";
        var services = new ServiceCollection();
        services.AddKeyedDeterminism(Key);
        using ServiceProvider provider = services.BuildServiceProvider();
        using var measured = new Measurements(null);
        var machine = new SmallMachine(1);
        using ExecutionSession session = provider.GetRequiredKeyedService<SessionFactory>(Key)
            .StartUnrecorded(machine, machine.Shape, SmallMachine.Guest);
        Assert.Equal(1, measured.Read("determinism.sessions.active", ("determinism.session.key", Key)));
        provider.Dispose();
        Assert.Null(measured.Read("determinism.sessions.active", ("determinism.session.key", Key)));
    }

    [Fact]
    public void Sessions_that_have_ended_are_not_kept()
    {
        using ServiceProvider provider = MakeProvider();
        SessionFactory factory = provider.GetRequiredService<SessionFactory>();
        WeakReference ended = StartSession(factory, isEnded: true);
        WeakReference running = StartSession(factory, isEnded: false);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(ended.IsAlive);
        Assert.True(running.IsAlive);
        GC.KeepAlive(factory);
        GC.KeepAlive(provider);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference StartSession(SessionFactory factory, bool isEnded)
    {
        var machine = new SmallMachine(1);
        ExecutionSession session = factory.StartUnrecorded(machine, machine.Shape, SmallMachine.Guest);
        if (isEnded)
            session.Dispose();
        return new WeakReference(session);
    }

    private static void AssertRecorded(Measurements measured, SessionStatistics expected)
    {
        Assert.True(expected is { EventBytes: > 0, Constraints: > 0, Steals: > 0 });
        Assert.Equal(expected.Events[EventKind.Elevation] + expected.Events[EventKind.Reduction],
            measured.Read("determinism.page.transitions", s_record));
        Assert.Equal(expected.Steals, measured.Read("determinism.page.steals", s_record));
        Assert.Equal(expected.EventBytes, measured.Read("determinism.log.bytes", s_record));
        Assert.Equal(expected.Constraints, measured.Read("determinism.constraints", s_record));
        Assert.Equal(expected.EventCount, measured.Read("determinism.log.events", s_record));
        foreach ((EventKind kind, string name) in new[]
            { (EventKind.Input, "input"), (EventKind.Asynchronous, "asynchronous"), (EventKind.Elevation, "elevation") })
        {
            Assert.Equal(expected.Events[kind],
                measured.Read("determinism.log.events", s_record, ("determinism.event.kind", name)));
        }
    }

    private static ServiceProvider MakeProvider(params string[] keys)
    {
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddDeterminism();
        foreach (string key in keys)
            services.AddKeyedDeterminism(key);
        return services.BuildServiceProvider();
    }
}
