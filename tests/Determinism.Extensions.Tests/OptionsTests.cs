using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Determinism.Extensions.Tests;

public class OptionsTests
{
    public static TheoryData<string, Action<DeterminismOptions>> Wrong => new()
    {
        { "Scheduling", options => options.Scheduling = (SchedulingMode)9 },
        { "HoldTime", options => options.HoldTime = TimeSpan.FromTicks(-1) },
        { "HoldTime", options => options.HoldTime = options.AnswerTimeout },
        { "DigestInterval", options => options.DigestInterval = -1 },
        { "AnswerTimeout", options => options.AnswerTimeout = TimeSpan.Zero },
        { "AnswerTimeout", options => options.AnswerTimeout = TimeSpan.FromDays(25) },
        { "CheckpointInterval", options => options.CheckpointInterval = TimeSpan.Zero },
        { "CheckpointEvents", options => options.CheckpointEvents = -1 },
        { "CheckpointLogBytes", options => options.CheckpointLogBytes = -1 },
        { "FlightRecorderBytes", options => options.FlightRecorderBytes = 1 },
        { "FlightRecorderTime", options => options.FlightRecorderTime = TimeSpan.FromMilliseconds(1) },
    };

    public static TheoryData<Action<DeterminismOptions>> Right => new()
    {
        static _ => { },
        static options => options.Scheduling = SchedulingMode.Chaos,
        static options => options.HoldTime = TimeSpan.Zero,
        static options => options.HoldTime = options.AnswerTimeout - TimeSpan.FromTicks(1),
        static options => (options.Scheduling, options.HoldTime) = (SchedulingMode.Chaos, TimeSpan.FromDays(1)),
        static options => options.DigestInterval = 0,
        static options => options.AnswerTimeout = TimeSpan.FromDays(24),
        static options => options.CheckpointInterval = TimeSpan.FromMilliseconds(1),
        static options => (options.FlightRecorderBytes, options.FlightRecorderTime) = (64 << 10, TimeSpan.FromSeconds(1)),
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_option_fails_the_start_of_the_host_by_name(string name, Action<DeterminismOptions> configure)
    {
        HostApplicationBuilder plain = Host.CreateEmptyApplicationBuilder(null);
        plain.Services.AddDeterminism(configure);
        using IHost host = plain.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Equal(Options.DefaultName, error.OptionsName);

        HostApplicationBuilder keyed = Host.CreateEmptyApplicationBuilder(null);
        keyed.Services.AddDeterminism();
        keyed.Services.AddKeyedDeterminism("second", configure);
        using IHost keyedHost = keyed.Build();
        error = await Assert.ThrowsAsync<OptionsValidationException>(() => keyedHost.StartAsync());
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Equal("second", error.OptionsName);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_option_fails_the_first_resolution_without_a_host(
        string name, Action<DeterminismOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddKeyedDeterminism("first", configure);
        services.AddKeyedDeterminism("second");
        using ServiceProvider provider = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredKeyedService<SessionFactory>("first"));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        provider.GetRequiredKeyedService<SessionFactory>("second");
    }

    [Theory]
    [MemberData(nameof(Right))]
    public async Task A_right_option_lets_the_host_start(Action<DeterminismOptions> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDeterminism(configure);
        using IHost host = builder.Build();
        await host.StartAsync();
        host.Services.GetRequiredService<SessionFactory>();
        await host.StopAsync();
    }

    [Fact]
    public void All_wrong_options_are_told_at_once()
    {
        var services = new ServiceCollection();
        services.AddDeterminism(options => (options.DigestInterval, options.Scheduling) = (-1, (SchedulingMode)9));
        using ServiceProvider provider = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<SessionFactory>());
        Assert.Equal(2, error.Failures.Count());
    }
}
