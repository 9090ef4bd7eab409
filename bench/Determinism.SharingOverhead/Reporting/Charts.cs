using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>Rows as bars.</summary>
internal static class Charts
{
    private const int HeightPixels = 500;
    private const int RowPixels = 110;
    private const int LeastPixels = 500;

    /// <summary>Draws what there is into slowdown.svg, constraints.svg and log-bytes.svg.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="folder">Where to.</param>
    public static void Draw(IReadOnlyList<Row> rows, string folder)
    {
        Directory.CreateDirectory(folder);
        Draw(rows, "Times as long as unrecorded", Path.Combine(folder, "slowdown.svg"),
            ("recorded", static row => row.Recorded.Median / row.Unrecorded.Median),
            ("serial", static row => row.Serial.Median / row.Unrecorded.Median),
            ("replayed", static row => row.Replayed.Median / row.Unrecorded.Median));
        Draw(rows, "Constraints a second of recording", Path.Combine(folder, "constraints.svg"),
            ("constraints/s", static row => row.PerSecond(row.Constraints)));
        Draw(rows, "Log bytes a second of recording", Path.Combine(folder, "log-bytes.svg"),
            ("bytes/s", static row => row.PerSecond(row.LogBytes)));
    }

    private static void Draw(IReadOnlyList<Row> rows, string title, string path, params (string Name, Func<Row, double?> Value)[] series)
    {
        using var plot = new Plot();
        double step = series.Length + 1;
        var palette = new ScottPlot.Palettes.Category10();
        for (int which = 0; which < series.Length; which++)
        {
            Color colour = palette.GetColor(which);
            Bar[] bars = [.. rows.Select((row, index) => (Position: (index * step) + which, Value: series[which].Value(row)))
                .Where(static bar => bar.Value is { } value && double.IsFinite(value))
                .Select(bar => new Bar { Position = bar.Position, Value = bar.Value!.Value, FillColor = colour, LineColor = colour })];
            BarPlot drawn = plot.Add.Bars(bars);
            drawn.LegendText = series[which].Name;
        }
        bool hasVcpus = rows.Select(static row => row.Vcpus).Distinct().Count() > 1;
        bool hasPolicies = rows.Select(static row => row.Policy).Distinct().Count() > 1;
        Tick[] ticks = [.. rows.Select((row, index) => new Tick((index * step) + ((series.Length - 1) / 2.0),
            row.Guest + (hasVcpus ? $" {row.Vcpus}" : "") + (hasPolicies ? $"\n{row.Policy}" : "")))];
        plot.Axes.Bottom.TickGenerator = new NumericManual(ticks);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.HideGrid();
        plot.Axes.Margins(bottom: 0);
        plot.Title(title);
        if (series.Length > 1)
            plot.ShowLegend(Alignment.UpperRight);
        plot.SaveSvg(path, Math.Max(LeastPixels, rows.Count * RowPixels), HeightPixels);
    }
}
