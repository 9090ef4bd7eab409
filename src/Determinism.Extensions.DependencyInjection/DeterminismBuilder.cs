using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Determinism;

/// <summary>Sets how a host records one machine.</summary>
/// <remarks>For the composition root; not thread-safe, as <see cref="IServiceCollection"/> is not.</remarks>
public sealed class DeterminismBuilder
{
    internal DeterminismBuilder(string? key, OptionsBuilder<DeterminismOptions> options)
    {
        Key = key;
        Options = options;
    }

    /// <summary>The host's services.</summary>
    public IServiceCollection Services => Options.Services;

    /// <summary>The key of the <see cref="SessionFactory"/>, and the name of its options; null for the plain one.</summary>
    public string? Key { get; }

    /// <summary>The options, to bind them to a configuration or to validate more.</summary>
    public OptionsBuilder<DeterminismOptions> Options { get; }

    /// <summary>Sets options; later calls come after earlier ones.</summary>
    /// <param name="configure">Sets them.</param>
    /// <returns>The same builder.</returns>
    public DeterminismBuilder Configure(Action<DeterminismOptions> configure)
    {
        Options.Configure(configure);
        return this;
    }

    /// <summary>Records all vCPUs at once; ownership of frames orders them.</summary>
    /// <param name="holdTime">How long a holder keeps a frame that was handed to it; null for the scheduler's own.</param>
    /// <returns>The same builder.</returns>
    public DeterminismBuilder UseParallelScheduling(TimeSpan? holdTime = null) => Configure(options =>
    {
        options.Scheduling = SchedulingMode.Parallel;
        options.HoldTime = holdTime;
    });

    /// <summary>Records one vCPU at a time: for machines that cannot protect frames, or stop a vCPU.</summary>
    /// <param name="quantum">How long a vCPU runs while others wait; null for the scheduler's own.</param>
    /// <returns>The same builder.</returns>
    public DeterminismBuilder UseSerialScheduling(TimeSpan? quantum = null) => Configure(options =>
    {
        options.Scheduling = SchedulingMode.Serial;
        options.HoldTime = quantum;
    });

    /// <summary>Records at seeded, adversarial moments: makes rare interleavings frequent.</summary>
    /// <param name="seed">Decides all that the scheduler decides.</param>
    /// <returns>The same builder.</returns>
    public DeterminismBuilder UseChaosScheduling(ulong seed) => Configure(options =>
    {
        options.Scheduling = SchedulingMode.Chaos;
        options.Seed = seed;
    });
}
