using System.Globalization;
using System.Text;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>The files that were asked for; written anew after every guest, so that nothing is lost if a later one fails.</summary>
internal static class Files
{
    public static void Write(Settings settings, IReadOnlyList<Row> rows)
    {
        if (settings.JsonFile is { } json)
            Save(json, JsonReport.Of(rows));
        if (settings.CsvFile is { } csv)
            Save(csv, CsvReport.Of(rows));
        if (settings.ResultFolder is not { } results)
            return;
        foreach (IGrouping<string, Row> report in rows.GroupBy(static row => Path.Combine(
            NameOf(ProcessorOf(row)), $"{row.Backend}-{row.Size}")))
        {
            Save(Path.Combine(results, report.Key + ".md"), Report([.. report]));
            Save(Path.Combine(results, report.Key + ".json"), JsonReport.Of(report));
        }
    }

    /// <summary>A processor's name as a folder's.</summary>
    public static string NameOf(string processor)
    {
        var name = new StringBuilder();
        foreach (char letter in processor.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter))
                name.Append(letter);
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
        }
        return name.ToString().TrimEnd('-');
    }

    private static string ProcessorOf(Row row) =>
        row.Environment.First(static field => field.Key == RunEnvironment.ProcessorKey).Value?.ToString() ?? "";

    private static string Report(IReadOnlyList<Row> rows)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# What sharing costs: {rows[0].Backend}, size {rows[0].Size}\n\n");
        foreach (string key in rows[0].Environment.Select(static field => field.Key))
            Append(key, row => row.Environment.First(field => field.Key == key).Value);
        Append("rounds", static row => row.Repeat);
        Append("page size", static row => row.PageSize);
        Append("clock", static row => row.Clock);
        text.Append(CultureInfo.InvariantCulture, $"\n{MarkdownTable.Heading}\n");
        foreach (Row row in rows)
            text.Append(CultureInfo.InvariantCulture, $"{MarkdownTable.Line(row)}\n");
        string[] advice = [.. rows.SelectMany(static row => row.Advice)];
        if (advice.Length > 0)
            text.Append("\n## Where sharing is\n\n").AppendJoin('\n', advice.Select(static line => "    " + line)).Append('\n');
        return text.ToString();

        // Rows may come from several runs.
        void Append(string key, Func<Row, object?> find) => text.Append(
            CultureInfo.InvariantCulture, $"- {key}: {string.Join(", ", rows.Select(row => find(row)?.ToString()).Distinct())}\n");
    }

    private static void Save(string path, string text)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        // Whole or not at all: somebody may be reading.
        string temporary = path + ".new";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }
}
