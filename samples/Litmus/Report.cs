using System.Text.Json;
using Determinism.RecordReplay;

namespace Determinism.Litmus;

/// <summary>What the tests showed, for people and for programs: each as soon as it is known.</summary>
internal sealed class Report(Settings settings, TextWriter writer)
{
    private readonly List<LitmusResult> _results = [];
    private readonly List<(string File, string Problem)> _problems = [];

    public ExitCode ExitCode => _results.Exists(static result => !result.IsSound) ? ExitCode.Divergence
        : _problems.Count > 0 || _results.Count == 0 ? ExitCode.Inconclusive : ExitCode.Identical;

    public void Add(string file, string problem)
    {
        _problems.Add((file, problem));
        writer.WriteLine(settings.Json
            ? JsonSerializer.Serialize(new { file, problem }) : $"{file}: not run: {problem}");
    }

    public void Add(string file, LitmusResult result)
    {
        _results.Add(result);
        if (settings.Json)
            PrintJson(file, result);
        else
            PrintText(file, result);
    }

    public void PrintSummary()
    {
        int replays = _results.Sum(static result => result.Replays);
        int identical = replays - _results.Sum(static result => result.Differences.Count);
        int forbidden = _results.Count(static result => result.Forbidden.Any());
        int relaxed = _results.Count(static result => result.Relaxed.Any());
        int complete = _results.Count(static result => !result.Missing.Any());
        if (settings.Json)
        {
            writer.WriteLine(JsonSerializer.Serialize(new
            {
                backend = settings.Backend, replay_backend = settings.ReplayBackend, clock = settings.Clock.ToString(),
                scheduler = settings.Scheduler, layout = settings.Layout.ToString(), seed = settings.Seed,
                recorded = !settings.Unrecorded, tests = _results.Count, not_run = _problems.Count, forbidden, relaxed,
                complete, replays, identical, exit_code = (int)ExitCode,
            }));
            return;
        }
        foreach ((string file, string problem) in _problems)
            writer.WriteLine($"not run: {file}: {problem}");
        writer.WriteLine($"{settings.Backend} machine, layout {settings.Layout}, "
            + (settings.Unrecorded ? "unrecorded" : $"{settings.Scheduler} recording, clock {settings.Clock}"));
        writer.WriteLine($"tests: {_results.Count} run, {_problems.Count} not run");
        writer.WriteLine($"outcomes outside of TSO: in {forbidden} tests; relaxed outcomes: in {relaxed} tests");
        writer.WriteLine($"every sequentially consistent outcome seen: in {complete} of {_results.Count} tests");
        if (!settings.Unrecorded)
            writer.WriteLine($"replays identical: {identical} of {replays}");
    }

    private void PrintText(string file, LitmusResult result)
    {
        int seen = result.Sequential.Count - result.Missing.Count();
        writer.WriteLine($"{file}: {Claim(result)}; "
            + $"{seen} of {result.Sequential.Count} sequentially consistent outcomes seen, "
            + $"TSO allows {result.Allowed.Count}"
            + (result.IsRecorded ? $"; replays identical: {result.Replays - result.Differences.Count} of {result.Replays}" : ""));
        foreach ((Outcome outcome, int count, string kind) in Rows(result))
            writer.WriteLine($"{(count == 0 ? "-" : count.ToString(System.Globalization.CultureInfo.InvariantCulture)),9}  "
                + $"{outcome.TextOf(result.Test, result.Variables)}{(kind == "sc" ? "" : "   " + kind)}");
        foreach (string difference in result.Differences)
            writer.WriteLine($"  {difference}");
    }

    private void PrintJson(string file, LitmusResult result) => writer.WriteLine(JsonSerializer.Serialize(new
    {
        file, test = result.Test.Name, threads = result.Test.Threads.Count, claim = Claim(result),
        outcomes = Rows(result).Select(row => new
        {
            outcome = row.Outcome.TextOf(result.Test, result.Variables), count = row.Count, kind = row.Kind,
        }),
        replays = result.Replays, identical = result.Replays - result.Differences.Count, differences = result.Differences,
        runs = result.Runs, events = result.Events, steals = result.Steals, sound = result.IsSound,
    }));

    // What was seen, and what might have been.
    private static IEnumerable<(Outcome Outcome, int Count, string Kind)> Rows(LitmusResult result) =>
        result.Seen.Keys.Union(result.Allowed).Select(outcome => (outcome, result.Seen.GetValueOrDefault(outcome),
            result.Sequential.Contains(outcome) ? "sc" : result.Allowed.Contains(outcome) ? "relaxed" : "FORBIDDEN"))
            .OrderByDescending(static row => row.Item2);

    private static string TextOf(Verdict verdict) => verdict switch
    {
        Verdict.Never => "never", Verdict.Always => "always", _ => "sometimes",
    };

    private static string Claim(LitmusResult result)
    {
        string claim = result.Test.Quantifier switch
        {
            Quantifier.Exists => "exists", Quantifier.NotExists => "~exists", _ => "forall",
        };
        Verdict seen = OutcomeEnumerator.VerdictOf(result.Test, result.Variables, result.Seen.Keys);
        Verdict allowed = OutcomeEnumerator.VerdictOf(result.Test, result.Variables, result.Allowed);
        return $"{claim}: TSO {TextOf(allowed)}, seen {TextOf(seen)}";
    }
}
