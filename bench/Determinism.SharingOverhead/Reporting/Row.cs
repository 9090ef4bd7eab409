using Determinism.SharingOverhead.Measuring;
using Determinism.SharingOverhead.Statistics;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>What came out for one guest, number of vCPUs and policy.</summary>
internal sealed class Row
{
    private readonly Settings _settings;
    private readonly Case _case;
    private readonly Variant _recorded;
    private readonly Run? _run;

    public Row(Settings settings, Case measured, Variant recorded, string? failure)
    {
        _settings = settings;
        _case = measured;
        _recorded = recorded;
        _run = recorded.Typical;
        Failure = failure ?? recorded.Failure;
        Bound = new SerialBound(recorded.Seconds.Values, Serial?.Variant.Seconds.Values ?? []);
    }

    public string Guest => _case.Subject.Name;

    public int Vcpus => _case.Vcpus;

    public string Policy => _recorded.Name;

    /// <summary>What ended the measurement early; null if nothing did.</summary>
    public string? Failure { get; }

    public SerialBound Bound { get; }

    public (TimeSpan Quantum, Variant Variant)? Serial => _case.BestSerial;

    public Sample WithoutPolls => _case.WithoutPolls?.Seconds ?? new Sample();

    public Sample Unrecorded => _case.Unrecorded.Seconds;

    public Sample Recorded => _recorded.Seconds;

    public Sample SerialSeconds => Serial?.Variant.Seconds ?? new Sample();

    /// <summary>Only the first policy's recordings are replayed.</summary>
    public Sample Replayed => _case.Recorded[0] == _recorded ? _case.Replayed.Seconds : new Sample();

    public long? Exits => _run?.Statistics.Exits;

    public long? Handovers => _run?.Statistics.Steals;

    public long? Constraints => _run?.Statistics.Constraints;

    public long? LogBytes => _run?.Statistics.EventBytes;

    public double? BytesPerConstraint => Constraints > 0 ? (double?)LogBytes / Constraints : null;

    public IReadOnlyDictionary<EventKind, long> Events => _run?.Statistics.Events ?? new Dictionary<EventKind, long>();

    public Run? Run => _run;

    public Subject Subject => _case.Subject;

    /// <summary>Of something that a recording counts, in a second of that recording.</summary>
    public double? PerSecond(long? count) => _run is null ? null : count / _run.Seconds;

    /// <summary>The columns of the files, in order.</summary>
    public IEnumerable<(string Key, object? Value)> Fields()
    {
        yield return ("guest", Guest);
        yield return ("backend", _settings.Backend);
        yield return ("vcpus", Vcpus);
        yield return ("size", _settings.GuestFile is null ? _settings.Size : "own");
        yield return ("parameters", string.Join(' ', Subject.Parameters));
        yield return ("page_size", 1 << _settings.PageShift);
        yield return ("clock", _settings.Clock == ClockKind.SoftwareCounter ? "polls" : "instructions");
        yield return ("policy", Policy);
        yield return ("repeat", _settings.Repeat);
        yield return ("failure", Failure);
        foreach ((string key, Sample sample) in Times())
        {
            yield return (key + "_s", sample.Median);
            yield return (key + "_p25_s", sample.LowerQuartile);
            yield return (key + "_p75_s", sample.UpperQuartile);
        }
        yield return ("serial_quantum_ms", Serial?.Quantum.TotalMilliseconds);
        yield return ("slowdown", Recorded.Median / Unrecorded.Median);
        yield return ("slowdown_nopoll", Recorded.Median / WithoutPolls.Median);
        yield return ("serial_pairs", Bound.Pairs);
        yield return ("serial_ratio", Bound.Ratio);
        yield return ("serial_ratio_upper95", Bound.Upper);
        yield return ("serial_ratio_lower95", Bound.Lower);
        yield return ("serial_verdict", Bound.Verdict);
        yield return ("exits", Exits);
        yield return ("unrecorded_exits", _case.Unrecorded.Typical?.Statistics.Exits);
        yield return ("handovers", Handovers);
        yield return ("constraints_before", _run?.Statistics.SourcesOffered);
        yield return ("constraints", Constraints);
        yield return ("log_bytes", LogBytes);
        yield return ("exits_per_s", PerSecond(Exits));
        yield return ("handovers_per_s", PerSecond(Handovers));
        yield return ("constraints_per_s", PerSecond(Constraints));
        yield return ("log_bytes_per_s", PerSecond(LogBytes));
        yield return ("bytes_per_constraint", BytesPerConstraint);
    }

    /// <summary>Every quantum's times, not of the best alone.</summary>
    public IEnumerable<(double QuantumMilliseconds, Sample Seconds)> SerialByQuantum() =>
        _case.Serial.Select(static one => (one.Quantum.TotalMilliseconds, one.Variant.Seconds));

    /// <summary>What was timed, by the name of its columns.</summary>
    public IEnumerable<(string Key, Sample Sample)> Times() =>
    [
        ("unrecorded_nopoll", WithoutPolls), ("unrecorded", Unrecorded), ("recorded", Recorded), ("serial", SerialSeconds),
        ("replay", Replayed),
    ];
}
