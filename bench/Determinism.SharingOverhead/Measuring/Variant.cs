using Determinism.Diagnostics;
using Determinism.SharingOverhead.Statistics;

namespace Determinism.SharingOverhead.Measuring;

/// <summary>One way to run a guest, and what its runs took.</summary>
/// <param name="name">Its name.</param>
/// <param name="run">Runs the guest once.</param>
internal sealed class Variant(string name, Func<Run> run)
{
    private readonly List<Run> _runs = [];

    public string Name => name;

    /// <summary>Whether it takes part; what cannot be run, or is not worth it, does not.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>Why it does not take part; null if it does, or is not worth it.</summary>
    public string? Failure { get; set; }

    public Sample Seconds => new(_runs.Select(static one => one.Seconds));

    /// <summary>The run whose time is the median, whose figures stand for all; null if there is none.</summary>
    public Run? Typical => _runs.Count == 0 ? null : _runs.OrderBy(static one => one.Seconds).ElementAt((_runs.Count - 1) / 2);

    public Run RunOnce(bool counts)
    {
        Run one = run();
        if (counts)
            _runs.Add(one);
        return one;
    }
}

/// <summary>A run.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Statistics">What its session counted.</param>
/// <param name="Sharing">Who took which frame from whom, of a recording.</param>
internal sealed record Run(double Seconds, SessionStatistics Statistics, SharingProfile? Sharing);
