using Determinism.Diagnostics;
using Determinism.Machine;
using Determinism.SharingOverhead.Advice;
using Determinism.SharingOverhead.Measuring;
using Determinism.SharingOverhead.Reporting;

namespace Determinism.SharingOverhead;

/// <summary>The whole measurement.</summary>
internal sealed class Benchmark(Settings settings, IMachineBackend backend, TextWriter output, TextWriter errors)
{
    private readonly List<Row> _rows = [];
    private readonly List<string> _advice = [];
    private bool _isPinned = true;

    /// <summary>Measures everything; one guest's failure does not keep the others from being measured.</summary>
    /// <returns>Whether nothing failed.</returns>
    public bool Run()
    {
        using var pollFree = new PollFreeGuests(settings);
        if (pollFree.Obstacle is { } obstacle)
            output.WriteLine($"No runs without polls: {obstacle}.\n");
        output.WriteLine(MarkdownTable.Heading);
        foreach (Subject subject in Subject.Of(settings, pollFree))
        {
            foreach (int vcpus in settings.Vcpus)
                Measure(new Case(settings, backend, subject, vcpus));
        }
        output.WriteLine();
        foreach (string line in _advice)
            output.WriteLine(line);
        if (settings.ChartFolder is { } charts)
            Draw(charts);
        return _rows.All(static row => row.Failure is null);
    }

    private void Measure(Case measured)
    {
        _isPinned &= settings.Pins && Pinning.TryLimitTo(measured.Vcpus);
        string? failure = null;
        try
        {
            Progress(measured, "warming up");
            measured.WarmUp();
            for (int round = 0; round < settings.Repeat; round++)
            {
                Progress(measured, $"round {round + 1} of {settings.Repeat}");
                measured.RunRound(round);
            }
        }
        catch (DeterminismException error)
        {
            failure = error.Message;
            errors.WriteLine($"{measured.Subject.Name} on {measured.Vcpus} vCPUs: {failure}");
        }
        foreach (Variant recorded in measured.Recorded)
        {
            var row = new Row(settings, measured, recorded, failure);
            _rows.Add(row);
            output.WriteLine(MarkdownTable.Line(row));
        }
        if (measured.Recorded[0].Typical?.Sharing is { } profile)
            Advise(measured, profile);
        Files.Write(settings, _rows, _isPinned, _advice);
    }

    private void Advise(Case measured, SharingProfile profile)
    {
        string[] lines = [.. SharingAdvice.Of(profile, measured.Subject.Image, measured.Shape)];
        if (lines.Length > 0)
            _advice.AddRange([$"{measured.Subject.Name}, {measured.Vcpus} vCPUs: {lines[0]}", .. lines[1..]]);
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

    private void Progress(Case measured, string text) =>
        errors.WriteLine($"{measured.Subject.Name}, {measured.Vcpus} vCPUs: {text}");
}
