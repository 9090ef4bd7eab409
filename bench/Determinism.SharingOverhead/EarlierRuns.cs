using System.Text.Json;
using Determinism.SharingOverhead.Reporting;

namespace Determinism.SharingOverhead;

/// <summary>What earlier runs have measured, put together: guests may be measured one at a time.</summary>
internal static class EarlierRuns
{
    /// <summary>Reports them.</summary>
    /// <param name="settings">With their JSON files.</param>
    /// <param name="output">For the table.</param>
    /// <param name="errors">For complaints.</param>
    /// <returns>Whether nothing failed in them.</returns>
    /// <exception cref="DeterminismException">A file holds something else.</exception>
    public static bool Report(Settings settings, TextWriter output, TextWriter errors)
    {
        Row[] rows = [.. settings.EarlierFiles.SelectMany(Read)];
        var report = new Report(settings, output, errors);
        report.Begin();
        report.Add(rows);
        return report.End();
    }

    private static IReadOnlyList<Row> Read(string file)
    {
        try
        {
            return JsonReport.Read(File.ReadAllText(file));
        }
        catch (JsonException error)
        {
            throw new DeterminismException($"{file}: {error.Message}", error);
        }
    }
}
