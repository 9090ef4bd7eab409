using System.Diagnostics.Metrics;
using Determinism;
using Determinism.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the SDK with a host.</summary>
/// <remarks>
/// Nothing that the host registered before is replaced: a <see cref="TimeProvider"/>, an <see cref="IMeterFactory"/>, an
/// <see cref="ILoggerFactory"/> of its own are used. The last two may be missing.
/// </remarks>
public static class DeterminismServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="SessionFactory"/>. Called again it adds up what is configured.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options; they are validated when the host starts, and when the factory is first
    /// resolved.</param>
    /// <returns>A builder, for more of it.</returns>
    public static DeterminismBuilder AddDeterminism(
        this IServiceCollection services, Action<DeterminismOptions>? configure = null) => Add(services, null, configure);

    /// <summary>Adds a <see cref="SessionFactory"/> under a key, with options of its own: one of several machines in a host.
    /// Called again with the same key it adds up what is configured.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="key">The key; also the name of the options, and what metrics and log records name the machine
    /// by.</param>
    /// <param name="configure">Sets the options; they are validated when the host starts, and when the factory is first
    /// resolved.</param>
    /// <returns>A builder, for more of it.</returns>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static DeterminismBuilder AddKeyedDeterminism(
        this IServiceCollection services, string key, Action<DeterminismOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Add(services, key, configure);
    }

    private static DeterminismBuilder Add(
        IServiceCollection services, string? key, Action<DeterminismOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
#pragma warning disable RS0030 // The composition root is where the system's time is named; a host may have named another.
        services.TryAddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<DeterminismOptions>, DeterminismOptionsValidator>());
        services.TryAddSingleton(provider => new SessionMetrics(provider.GetService<IMeterFactory>()));
        // A null key is the plain service.
        services.TryAddKeyedSingleton(key, (provider, _) => Make(provider, key));
        OptionsBuilder<DeterminismOptions> options = services.AddOptions<DeterminismOptions>(key).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        return new DeterminismBuilder(key, options);
    }

    private static SessionFactory Make(IServiceProvider provider, string? key)
    {
        ILoggerFactory loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        TimeProvider time = provider.GetRequiredService<TimeProvider>();
        var observer = new SessionObserver(key, time, provider.GetRequiredService<SessionMetrics>(),
            loggers.CreateLogger(DeterminismTelemetry.Name));
        return new SessionFactory(
            provider.GetRequiredService<IOptionsMonitor<DeterminismOptions>>().Get(key), time, observer);
    }
}
