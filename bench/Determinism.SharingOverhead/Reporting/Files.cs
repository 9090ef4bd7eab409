using System.Globalization;
using System.Text;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>The files that were asked for; written anew after every guest, so that nothing is lost if a later one fails.</summary>
internal static class Files
{
    public static void Write(Settings settings, IReadOnlyList<Row> rows, bool isPinned, IReadOnlyList<string> advice)
    {
        if (settings.JsonFile is { } json)
            Save(json, JsonReport.Of(rows, isPinned));
        if (settings.CsvFile is { } csv)
            Save(csv, CsvReport.Of(rows, isPinned));
        if (settings.ResultFolder is { } results)
        {
            string folder = Path.Combine(results, NameOf(RunEnvironment.Processor));
            Save(Path.Combine(folder, $"{settings.Backend}-{(settings.GuestFile is null ? settings.Size : "own")}.md"),
                Report(settings, rows, isPinned, advice));
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

    private static string Report(Settings settings, IReadOnlyList<Row> rows, bool isPinned, IReadOnlyList<string> advice)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# What sharing costs: {settings.Backend}, size {settings.Size}\n\n");
        foreach ((string key, object? value) in RunEnvironment.Fields(isPinned))
            text.Append(CultureInfo.InvariantCulture, $"- {key}: {value}\n");
        text.Append(CultureInfo.InvariantCulture, $"- rounds: {settings.Repeat}; page size: {1 << settings.PageShift}; clock: {settings.Clock}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{MarkdownTable.Heading}\n");
        foreach (Row row in rows)
            text.Append(CultureInfo.InvariantCulture, $"{MarkdownTable.Line(row)}\n");
        if (advice.Count > 0)
            text.Append("\n## Where sharing is\n\n").AppendJoin('\n', advice.Select(static line => "    " + line)).Append('\n');
        return text.ToString();
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
