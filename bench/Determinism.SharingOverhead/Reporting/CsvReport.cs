using System.Globalization;
using System.Text;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>Rows as comma-separated values, a column a figure.</summary>
internal static class CsvReport
{
    public static string Of(IReadOnlyList<Row> rows)
    {
        var text = new StringBuilder();
        for (int index = 0; index < rows.Count; index++)
        {
            (string Key, object? Value)[] fields = [.. Flat(rows[index])];
            if (index == 0)
                text.AppendJoin(',', fields.Select(static field => field.Key)).Append('\n');
            text.AppendJoin(',', fields.Select(static field => Quoted(field.Value))).Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<(string Key, object? Value)> Flat(Row row) =>
    [
        .. row.Fields(),
        .. Enum.GetValues<EventKind>().Where(static kind => kind != default).Distinct()
            .Select(kind => ("events_" + kind, (object?)row.Events.GetValueOrDefault(kind.ToString()))),
        .. row.Environment,
    ];

    private static string Quoted(object? value)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
