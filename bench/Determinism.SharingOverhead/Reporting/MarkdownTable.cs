using System.Globalization;
using Determinism.SharingOverhead.Statistics;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>Rows for people.</summary>
internal static class MarkdownTable
{
    private static readonly (string Title, Func<Row, string> Cell)[] s_columns =
    [
        ("guest", static row => row.Guest),
        ("vCPUs", static row => row.Vcpus.ToString(CultureInfo.InvariantCulture)),
        ("policy", static row => row.Policy),
        ("no polls s", static row => Spread(row.WithoutPolls)),
        ("unrecorded s", static row => Spread(row.Unrecorded)),
        ("recorded s", static row => Spread(row.Recorded)),
        ("× unrecorded", static row => Times(row.Recorded.Median / row.Unrecorded.Median)),
        ("× no polls", static row => Times(row.Recorded.Median / row.WithoutPolls.Median)),
        ("serial s", static row => Spread(row.Serial)),
        ("quantum ms", static row => Figure(row.SerialQuantumMilliseconds)),
        ("recorded/serial (at most)", static row => Bounded(row.Bound)),
        ("verdict", static row => row.Failure is null ? row.Bound.Verdict : "failed"),
        ("replayed s", static row => Spread(row.Replayed)),
        ("× unrecorded", static row => Times(row.Replayed.Median / row.Unrecorded.Median)),
        ("replayed/recorded (at most)", static row => Bounded(row.ReplayRatio)),
        ("exits/s", static row => Figure(row.PerSecond(row.Exits))),
        ("handovers/s", static row => Figure(row.PerSecond(row.Handovers))),
        ("constraints/s", static row => Figure(row.PerSecond(row.Constraints))),
        ("log B/s", static row => Figure(row.PerSecond(row.LogBytes))),
        ("B/constraint", static row => Figure(row.BytesPerConstraint)),
        ("events", static row => string.Join(", ", row.Events
            .OrderByDescending(static pair => pair.Value).Take(3).Select(static pair => $"{pair.Key} {Figure(pair.Value)}"))),
    ];

    public static string Heading { get; } =
        $"| {string.Join(" | ", s_columns.Select(static column => column.Title))} |\n|{string.Concat(Enumerable.Repeat(" ---: |", s_columns.Length))}";

    public static string Line(Row row) => $"| {string.Join(" | ", s_columns.Select(column => column.Cell(row)))} |";

    private static string Spread(Sample sample) => sample.Median is { } median
        ? string.Create(CultureInfo.InvariantCulture, $"{median:F3} [{sample.LowerQuartile:F3}–{sample.UpperQuartile:F3}]") : "";

    private static string Bounded(PairedRatio pairs) => pairs.Upper is { } upper ? $"{Times(pairs.Ratio)} ({Times(upper)})" : Times(pairs.Ratio);

    private static string Times(double? factor) => factor is { } value ? value.ToString("F2", CultureInfo.InvariantCulture) : "";

    private static string Figure(double? value) => value switch
    {
        null => "",
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:F1}G"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:F1}M"),
        >= 1e4 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:F0}k"),
        _ => value.Value.ToString("0.#", CultureInfo.InvariantCulture),
    };
}
