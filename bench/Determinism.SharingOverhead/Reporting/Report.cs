namespace Determinism.SharingOverhead.Reporting;

/// <summary>All that is said and written about rows.</summary>
internal sealed class Report(Settings settings, TextWriter output, TextWriter errors)
{
    private readonly List<Row> _rows = [];

    public void Begin() => output.WriteLine(MarkdownTable.Heading);

    /// <summary>One case's rows. Files are written anew with them.</summary>
    public void Add(IReadOnlyList<Row> rows)
    {
        _rows.AddRange(rows);
        foreach (Row row in rows)
            output.WriteLine(MarkdownTable.Line(row));
        Files.Write(settings, _rows);
    }

    /// <summary>There are no more.</summary>
    /// <returns>Whether nothing failed.</returns>
    public bool End()
    {
        output.WriteLine();
        foreach (string line in _rows.SelectMany(static row => row.Advice))
            output.WriteLine(line);
        if (settings.ChartFolder is { } charts)
            Draw(charts);
        return _rows.All(static row => row.Failure is null);
    }

    private void Draw(string folder)
    {
        try
        {
            Charts.Draw(_rows, folder);
        }
        catch (Exception missing) when (missing is DllNotFoundException or TypeInitializationException)
        {
            errors.WriteLine($"No charts: the native library that draws them cannot be loaded here. {missing.Message}");
        }
    }
}
