using Determinism.SharingOverhead.Measuring;
using Determinism.SharingOverhead.Statistics;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>What came out for one guest, number of vCPUs and policy: measured just now, or read from a file.</summary>
internal sealed record Row
{
    public required string Guest { get; init; }

    public required string Backend { get; init; }

    public required int Vcpus { get; init; }

    public required string Size { get; init; }

    public required string Parameters { get; init; }

    public required int PageSize { get; init; }

    public required string Clock { get; init; }

    public required string Policy { get; init; }

    public required int Repeat { get; init; }

    /// <summary>What ended the measurement early; null if nothing did.</summary>
    public required string? Failure { get; init; }

    public required Sample WithoutPolls { get; init; }

    public required Sample Unrecorded { get; init; }

    public required Sample Recorded { get; init; }

    /// <summary>Only the first policy's recordings are replayed.</summary>
    public required Sample Replayed { get; init; }

    /// <summary>Every quantum's times, not of the best alone.</summary>
    public required IReadOnlyList<(double QuantumMilliseconds, Sample Seconds)> SerialByQuantum { get; init; }

    /// <summary>What the recording took whose counts follow.</summary>
    public double? CountedSeconds { get; init; }

    public long? Exits { get; init; }

    public long? UnrecordedExits { get; init; }

    public long? Handovers { get; init; }

    public long? ConstraintsBefore { get; init; }

    public long? Constraints { get; init; }

    public long? LogBytes { get; init; }

    /// <summary>Those that there were, by kind.</summary>
    public IReadOnlyDictionary<string, long> Events { get; init; } = new Dictionary<string, long>();

    /// <summary>Where the guest shares, in lines for its author.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];

    /// <summary>Where and with what it was measured.</summary>
    public required IReadOnlyList<(string Key, object? Value)> Environment { get; init; }

    public double? BytesPerConstraint => Constraints > 0 ? (double?)LogBytes / Constraints : null;

    public double? SerialQuantumMilliseconds => BestSerial?.QuantumMilliseconds;

    /// <summary>With the best quantum.</summary>
    public Sample Serial => BestSerial?.Seconds ?? new Sample();

    public SerialBound Bound => new(Recorded.Values, Serial.Values);

    /// <summary>How long replays took, compared with what they replay.</summary>
    public PairedRatio ReplayRatio => new(Replayed.Values, Recorded.Values);

    private (double QuantumMilliseconds, Sample Seconds)? BestSerial => SerialByQuantum.Where(static one => one.Seconds.Median is not null)
        .OrderBy(static one => one.Seconds.Median).Select(static one => ((double, Sample)?)one).FirstOrDefault();

    /// <summary>What has been measured.</summary>
    /// <param name="settings">How.</param>
    /// <param name="measured">Of what.</param>
    /// <param name="recorded">With which policy.</param>
    /// <param name="failure">What ended it early.</param>
    /// <param name="isPinned">Whether vCPUs were kept on some CPUs.</param>
    /// <param name="advice">Where the guest shares.</param>
    public static Row Of(
        Settings settings, Case measured, Variant recorded, string? failure, bool isPinned, IReadOnlyList<string> advice) => new()
    {
        Guest = measured.Subject.Name,
        Backend = settings.Backend,
        Vcpus = measured.Vcpus,
        Size = settings.GuestFile is null ? settings.Size : "own",
        Parameters = string.Join(' ', measured.Subject.Parameters),
        PageSize = 1 << settings.PageShift,
        Clock = settings.Clock == ClockKind.SoftwareCounter ? "polls" : "instructions",
        Policy = recorded.Name,
        Repeat = settings.Repeat,
        Failure = failure ?? recorded.Failure,
        WithoutPolls = measured.WithoutPolls?.Seconds ?? new Sample(),
        Unrecorded = measured.Unrecorded.Seconds,
        Recorded = recorded.Seconds,
        Replayed = measured.Recorded[0] == recorded ? measured.Replayed.Seconds : new Sample(),
        SerialByQuantum = [.. measured.Serial.Select(static one => (one.Quantum.TotalMilliseconds, one.Variant.Seconds))],
        CountedSeconds = recorded.Typical?.Seconds,
        Exits = recorded.Typical?.Statistics.Exits,
        UnrecordedExits = measured.Unrecorded.Typical?.Statistics.Exits,
        Handovers = recorded.Typical?.Statistics.Steals,
        ConstraintsBefore = recorded.Typical?.Statistics.SourcesOffered,
        Constraints = recorded.Typical?.Statistics.Constraints,
        LogBytes = recorded.Typical?.Statistics.EventBytes,
        Events = recorded.Typical?.Statistics.Events.Where(static pair => pair.Value > 0)
            .ToDictionary(static pair => pair.Key.ToString(), static pair => pair.Value) ?? [],
        Advice = advice,
        Environment = RunEnvironment.Fields(isPinned),
    };

    /// <summary>Of something that a recording counts, in a second of that recording.</summary>
    public double? PerSecond(long? count) => count / CountedSeconds;

    /// <summary>The columns of the files, in order.</summary>
    public IEnumerable<(string Key, object? Value)> Fields()
    {
        yield return ("guest", Guest);
        yield return ("backend", Backend);
        yield return ("vcpus", Vcpus);
        yield return ("size", Size);
        yield return ("parameters", Parameters);
        yield return ("page_size", PageSize);
        yield return ("clock", Clock);
        yield return ("policy", Policy);
        yield return ("repeat", Repeat);
        yield return ("failure", Failure);
        foreach ((string key, Sample sample) in Times())
        {
            yield return (key + "_s", sample.Median);
            yield return (key + "_p25_s", sample.LowerQuartile);
            yield return (key + "_p75_s", sample.UpperQuartile);
        }
        SerialBound bound = Bound;
        yield return ("serial_quantum_ms", SerialQuantumMilliseconds);
        yield return ("slowdown", Recorded.Median / Unrecorded.Median);
        yield return ("slowdown_nopoll", Recorded.Median / WithoutPolls.Median);
        yield return ("serial_pairs", bound.Pairs);
        yield return ("serial_ratio", bound.Ratio);
        yield return ("serial_ratio_upper95", bound.Upper);
        yield return ("serial_ratio_lower95", bound.Lower);
        yield return ("serial_verdict", bound.Verdict);
        PairedRatio replay = ReplayRatio;
        yield return ("replay_ratio", replay.Ratio);
        yield return ("replay_ratio_upper95", replay.Upper);
        yield return ("counted_s", CountedSeconds);
        yield return ("exits", Exits);
        yield return ("unrecorded_exits", UnrecordedExits);
        yield return ("handovers", Handovers);
        yield return ("constraints_before", ConstraintsBefore);
        yield return ("constraints", Constraints);
        yield return ("log_bytes", LogBytes);
        yield return ("exits_per_s", PerSecond(Exits));
        yield return ("handovers_per_s", PerSecond(Handovers));
        yield return ("constraints_per_s", PerSecond(Constraints));
        yield return ("log_bytes_per_s", PerSecond(LogBytes));
        yield return ("bytes_per_constraint", BytesPerConstraint);
    }

    /// <summary>What was timed, by the name of its columns.</summary>
    public IEnumerable<(string Key, Sample Sample)> Times() =>
    [
        ("unrecorded_nopoll", WithoutPolls), ("unrecorded", Unrecorded), ("recorded", Recorded), ("serial", Serial), ("replay", Replayed),
    ];
}
