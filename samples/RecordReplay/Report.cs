using System.Globalization;
using System.Text.Json;

namespace Determinism.RecordReplay;

/// <summary>What the experiments showed, for people and for programs.</summary>
internal sealed class Report(Settings settings, IReadOnlyList<Outcome> outcomes)
{
    private const int EnoughForControl = 5;

    public int Identical => outcomes.Sum(outcome => outcome.Identical);

    public int Replays => settings.Runs * settings.Replays;

    private int DistinctOutcomes => outcomes.Select(outcome => outcome.Console).Distinct().Count();

    public ExitCode ExitCode => (Identical == Replays, HasControlFailed) switch
    {
        (false, _) => ExitCode.Divergence,
        (true, true) => ExitCode.Inconclusive,
        _ => ExitCode.Identical,
    };

    // A guest whose outcome is said to differ from run to run must be seen to differ, or identical replays prove nothing.
    private bool HasControlFailed =>
        !settings.Workload.IsDeterministic && outcomes.Count >= EnoughForControl && DistinctOutcomes == 1;

    private string Control => settings.Workload.IsDeterministic
        ? "not needed: the workload's outcome is fixed"
        : outcomes.Count < EnoughForControl
            ? $"control not evaluated: {outcomes.Count} recordings, {EnoughForControl} are needed"
            : HasControlFailed
                ? $"FAILED: one outcome only over {outcomes.Count} recordings"
                : $"passed: {DistinctOutcomes} different outcomes over {outcomes.Count} recordings";

    public void PrintText(TextWriter writer)
    {
        writer.WriteLine($"workload {settings.Workload.Name} on {settings.Vcpus} vCPUs, {settings.Backend} machine, "
            + $"{settings.Scheduler} recording, clock {settings.Clock}"
            + (settings.ReplayBackend == settings.Backend ? "" : $", replayed on the {settings.ReplayBackend} machine"));
        for (int run = 0; run < outcomes.Count; run++)
            PrintRun(writer, run + 1, outcomes[run]);
        foreach (string difference in outcomes.SelectMany(outcome => outcome.Differences))
            writer.WriteLine(difference);
        writer.WriteLine($"control (recordings differ without a log): {Control}");
        PrintTimes(writer);
        writer.WriteLine($"replays identical: {Identical} of {Replays}");
    }

    public void PrintJson(TextWriter writer) => writer.WriteLine(JsonSerializer.Serialize(new
    {
        workload = settings.Workload.Name,
        backend = settings.Backend,
        replay_backend = settings.ReplayBackend,
        scheduler = settings.Scheduler,
        clock = settings.Clock.ToString(),
        vcpus = settings.Vcpus,
        seed = settings.Seed,
        recordings = outcomes.Select(outcome => new
        {
            console = outcome.Console,
            events = outcome.Statistics.EventCount,
            constraints_before = outcome.Statistics.SourcesOffered,
            constraints = outcome.Statistics.Constraints,
            steals = outcome.Statistics.Steals,
            log_bytes = outcome.LogBytes,
            unrecorded_s = outcome.UnrecordedTime.TotalSeconds,
            recorded_s = outcome.RecordTime.TotalSeconds,
            replay_s = outcome.ReplayTimes.Select(time => time.TotalSeconds),
            differences = outcome.Differences,
        }),
        distinct_outcomes = DistinctOutcomes,
        control = Control,
        replays = Replays,
        identical = Identical,
        exit_code = (int)ExitCode,
    }));

    private static void PrintRun(TextWriter writer, int number, Outcome outcome) => writer.WriteLine(string.Format(
        CultureInfo.InvariantCulture,
        "recording {0}: {1} | events {2}, constraints {3} before reduction, {4} after, log {5} bytes | "
        + "recorded in {6:F3} s, replayed in {7:F3} s, unrecorded {8:F3} s | identical {9}",
        number, outcome.Console, outcome.Statistics.EventCount, outcome.Statistics.SourcesOffered,
        outcome.Statistics.Constraints, outcome.LogBytes, outcome.RecordTime.TotalSeconds,
        Median(outcome.ReplayTimes), outcome.UnrecordedTime.TotalSeconds, outcome.Identical));

    private void PrintTimes(TextWriter writer)
    {
        double unrecorded = Median([.. outcomes.Select(outcome => outcome.UnrecordedTime)]);
        double recorded = Median([.. outcomes.Select(outcome => outcome.RecordTime)]);
        double replayed = Median([.. outcomes.SelectMany(outcome => outcome.ReplayTimes)]);
        writer.WriteLine(string.Format(CultureInfo.InvariantCulture,
            "against an unrecorded run (medians): recorded {0:F2} times, replayed {1:F2} times as long",
            recorded / unrecorded, replayed / unrecorded));
    }

    private static double Median(IReadOnlyList<TimeSpan> times) =>
        times.Count == 0 ? double.NaN : times.Order().ElementAt(times.Count / 2).TotalSeconds;
}
