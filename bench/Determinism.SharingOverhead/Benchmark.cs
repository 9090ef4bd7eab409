using Determinism.Machine;
using Determinism.SharingOverhead.Advice;
using Determinism.SharingOverhead.Measuring;
using Determinism.SharingOverhead.Reporting;

namespace Determinism.SharingOverhead;

/// <summary>The whole measurement.</summary>
internal sealed class Benchmark(Settings settings, IMachineBackend backend, TextWriter output, TextWriter errors)
{
    private readonly Report _report = new(settings, output, errors);

    /// <summary>Measures everything; one guest's failure does not keep the others from being measured.</summary>
    /// <returns>Whether nothing failed.</returns>
    public bool Run()
    {
        using var pollFree = new PollFreeGuests(settings);
        if (pollFree.Obstacle is { } obstacle)
            output.WriteLine($"No runs without polls: {obstacle}.\n");
        _report.Begin();
        foreach (Subject subject in Subject.Of(settings, pollFree))
        {
            foreach (int vcpus in settings.Vcpus)
                _report.Add(Measure(new Case(settings, backend, subject, vcpus)));
        }
        return _report.End();
    }

    private Row[] Measure(Case measured)
    {
        bool isPinned = settings.Pins && Pinning.TryLimitTo(measured.Vcpus);
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
        // Advice is of the first policy's recordings.
        return [.. measured.Recorded.Select((recorded, index) =>
            Row.Of(settings, measured, recorded, failure, isPinned, index == 0 ? Advise(measured) : []))];
    }

    private static string[] Advise(Case measured)
    {
        if (measured.Recorded[0].Typical?.Sharing is not { } profile)
            return [];
        string[] lines = [.. SharingAdvice.Of(profile, measured.Subject.Image, measured.Shape)];
        return lines.Length == 0 ? [] : [$"{measured.Subject.Name}, {measured.Vcpus} vCPUs: {lines[0]}", .. lines[1..]];
    }

    private void Progress(Case measured, string text) =>
        errors.WriteLine($"{measured.Subject.Name}, {measured.Vcpus} vCPUs: {text}");
}
