using Determinism.Log;
using Determinism.Replaying;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Determinism.Extensions.Tests;

public class RegistrationTests
{
    [Fact]
    public void Each_key_has_one_factory_of_its_own()
    {
        var services = new ServiceCollection();
        services.AddDeterminism();
        services.AddKeyedDeterminism("first");
        services.AddKeyedDeterminism("second");
        using ServiceProvider provider = services.BuildServiceProvider();
        SessionFactory[] factories =
        [
            provider.GetRequiredService<SessionFactory>(),
            provider.GetRequiredKeyedService<SessionFactory>("first"),
            provider.GetRequiredKeyedService<SessionFactory>("second"),
        ];
        Assert.Equal(3, factories.Distinct().Count());
        Assert.Same(factories[0], provider.GetRequiredService<SessionFactory>());
        Assert.Same(factories[1], provider.GetRequiredKeyedService<SessionFactory>("first"));
        Assert.Null(provider.GetKeyedService<SessionFactory>("third"));
    }

    [Fact]
    public void Adding_twice_adds_up_the_configuration_and_registers_once()
    {
        var services = new ServiceCollection();
        foreach (Action<DeterminismOptions> configure in new Action<DeterminismOptions>[]
            { options => options.DigestInterval = 7, options => options.Scheduling = SchedulingMode.Serial })
        {
            services.AddDeterminism(configure);
            services.AddKeyedDeterminism("first", configure);
        }
        Assert.Single(services, service => service.ServiceType == typeof(SessionFactory) && !service.IsKeyedService);
        Assert.Single(services, service => service.ServiceType == typeof(SessionFactory) && service.IsKeyedService);
        Assert.Single(services, service => service.ServiceType == typeof(IValidateOptions<DeterminismOptions>));

        using ServiceProvider provider = services.BuildServiceProvider();
        AssertRecords(provider.GetRequiredService<SessionFactory>(), OwnershipScope.Machine, 7);
        AssertRecords(provider.GetRequiredKeyedService<SessionFactory>("first"), OwnershipScope.Machine, 7);
    }

    [Fact]
    public void Keys_do_not_share_options()
    {
        var services = new ServiceCollection();
        services.AddDeterminism(options => options.DigestInterval = 1);
        services.AddKeyedDeterminism("first").UseSerialScheduling().Configure(options => options.DigestInterval = 2);
        services.AddKeyedDeterminism("second");
        using ServiceProvider provider = services.BuildServiceProvider();
        AssertRecords(provider.GetRequiredService<SessionFactory>(), OwnershipScope.Frames, 1);
        AssertRecords(provider.GetRequiredKeyedService<SessionFactory>("first"), OwnershipScope.Machine, 2);
        AssertRecords(provider.GetRequiredKeyedService<SessionFactory>("second"), OwnershipScope.Frames, 64);
    }

    [Fact]
    public void The_builder_says_what_it_builds()
    {
        var services = new ServiceCollection();
        DeterminismBuilder plain = services.AddDeterminism();
        DeterminismBuilder keyed = services.AddKeyedDeterminism("first");
        Assert.Same(services, plain.Services);
        Assert.Null(plain.Key);
        Assert.Equal("first", keyed.Key);
        Assert.Equal("first", keyed.Options.Name);
        Assert.Throws<ArgumentException>(() => services.AddKeyedDeterminism(""));
    }

    [Fact]
    public void The_last_choice_of_a_scheduler_counts_with_its_own_hold_time()
    {
        Assert.Equal((SchedulingMode.Parallel, null), Choose(builder => builder
            .UseSerialScheduling(TimeSpan.FromSeconds(1)).UseParallelScheduling()));
        Assert.Equal((SchedulingMode.Parallel, TimeSpan.Zero), Choose(builder => builder
            .UseSerialScheduling().UseParallelScheduling(TimeSpan.Zero)));
        Assert.Equal((SchedulingMode.Serial, TimeSpan.FromSeconds(1)), Choose(builder => builder
            .UseChaosScheduling(3).UseSerialScheduling(TimeSpan.FromSeconds(1))));
        Assert.Equal(SchedulingMode.Chaos, Choose(builder => builder.UseSerialScheduling().UseChaosScheduling(3)).Item1);
    }

    [Fact]
    public void What_the_host_registered_before_stays()
    {
        var time = new ManualTime();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddDeterminism();
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Same(time, provider.GetRequiredService<TimeProvider>());
    }

    [Fact]
    public void Options_changed_after_the_factory_was_made_have_no_effect()
    {
        var services = new ServiceCollection();
        services.AddDeterminism();
        using ServiceProvider provider = services.BuildServiceProvider();
        SessionFactory factory = provider.GetRequiredService<SessionFactory>();
        provider.GetRequiredService<IOptionsMonitor<DeterminismOptions>>().CurrentValue.DigestInterval = 3;
        AssertRecords(factory, OwnershipScope.Frames, 64);
    }

    [Fact]
    public void Every_kind_of_session_runs_and_can_be_adjusted()
    {
        var services = new ServiceCollection();
        services.AddDeterminism();
        using ServiceProvider provider = services.BuildServiceProvider();
        SessionFactory factory = provider.GetRequiredService<SessionFactory>();

        using var log = new MemoryEventLog(2);
        var recorded = new SmallMachine(2);
        using (ExecutionSession session = factory.StartRecording(recorded, recorded.Shape, log, SmallMachine.Guest, 5,
            options => options with { DigestInterval = 9 }))
            recorded.Run(session);
        Assert.Equal(9, ReplaySession.ReadHeader(log).DigestInterval);

        var replayed = new SmallMachine(2);
        using (ExecutionSession session = factory.StartReplay(replayed, log, SmallMachine.Guest, 5))
            replayed.Run(session);
        Assert.Equal(recorded.Sums, replayed.Sums);
        var other = new MachineShape { VcpuCount = 1, MemoryBytes = 4096 };
        Assert.Throws<ReplayRefusedException>(() => factory.StartReplay(new SmallMachine(2), log, SmallMachine.Guest, 5,
            options => options with { Shape = other }));

        var free = new SmallMachine(2);
        using (ExecutionSession session = factory.StartUnrecorded(free, free.Shape, SmallMachine.Guest))
            free.Run(session);
        Assert.True(free.Inputs > 0);
    }

    private static (SchedulingMode, TimeSpan?) Choose(Action<DeterminismBuilder> choose)
    {
        var services = new ServiceCollection();
        choose(services.AddDeterminism());
        using ServiceProvider provider = services.BuildServiceProvider();
        DeterminismOptions options = provider.GetRequiredService<IOptions<DeterminismOptions>>().Value;
        return (options.Scheduling, options.HoldTime);
    }

    private static void AssertRecords(SessionFactory factory, OwnershipScope scope, int digestInterval)
    {
        var machine = new SmallMachine(1);
        using var log = new MemoryEventLog(1);
        using ExecutionSession session = factory.StartRecording(machine, machine.Shape, log, SmallMachine.Guest, 0);
        Assert.Equal(scope, session.Scope);
        Assert.Equal(digestInterval, ReplaySession.ReadHeader(log).DigestInterval);
    }
}
