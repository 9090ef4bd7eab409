using Determinism;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the SDK with a host.</summary>
public static class DeterminismServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="SessionFactory"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options; they are validated at once.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static IServiceCollection AddDeterminism(
        this IServiceCollection services, Action<DeterminismOptions>? configure = null)
    {
        DeterminismOptions options = Prepare(services, configure);
        services.TryAddSingleton(provider => new SessionFactory(options, provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Adds a <see cref="SessionFactory"/> under a key: one of several machines in a host.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="key">The key.</param>
    /// <param name="configure">Sets the options; they are validated at once.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static IServiceCollection AddKeyedDeterminism(
        this IServiceCollection services, object key, Action<DeterminismOptions>? configure = null)
    {
        DeterminismOptions options = Prepare(services, configure);
        services.TryAddKeyedSingleton(key,
            (provider, _) => new SessionFactory(options, provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static DeterminismOptions Prepare(IServiceCollection services, Action<DeterminismOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new DeterminismOptions();
        configure?.Invoke(options);
        options.Validate();
#pragma warning disable RS0030 // The composition root is where the system's time is named; a host may have named another.
        services.TryAddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        return options;
    }
}
