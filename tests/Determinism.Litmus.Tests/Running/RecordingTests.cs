using Determinism.Scheduling;

namespace Determinism.Litmus.Tests.Running;

/// <summary>Recorded litmus tests: no outcome that TSO forbids, none that needs a store buffer, and replays that are
/// identical.</summary>
public class RecordingTests
{
    private static readonly string[] s_quick =
        ["SB", "MP", "LB", "2+2W", "R", "S", "CoRR", "SB+locks", "MP+dep", "MP+spin", "CAS", "SIZES", "IRIW", "WRC", "3.SB"];

    [SkippableTheory]
    [InlineData("managed", VariableLayout.Page)]
    [InlineData("managed", VariableLayout.Line)]
    [InlineData("managed", VariableLayout.Same)]
    [InlineData("kvm", VariableLayout.Page)]
    [InlineData("kvm", VariableLayout.Line)]
    [InlineData("kvm", VariableLayout.Same)]
    public void Under_chaos_outcomes_are_allowed_and_replays_identical(string backend, VariableLayout layout)
    {
        var runner = new LitmusRunner(On.Chaos(backend, layout) with { Iterations = TestTier.Times(20, 200) });
        foreach (LitmusTest test in Tests())
            AssertSound(runner.Record(test));
    }

    [SkippableTheory]
    [InlineData("managed", "parallel")]
    [InlineData("managed", "serial")]
    [InlineData("kvm", "parallel")]
    [InlineData("kvm", "serial")]
    public void So_they_are_with_other_schedulers(string backend, string scheduler)
    {
        var runner = new LitmusRunner(On.Chaos(backend) with
        {
            Iterations = TestTier.Times(8, 50),
            MakeScheduler = (_, _) => scheduler == "serial" ? new SerialScheduler() : new ParallelScheduler(),
        });
        foreach (LitmusTest test in Tests().Where(static test => TestTier.IsFull || test.Threads.Count == 2))
            AssertSound(runner.Record(test));
    }

    [SkippableTheory]
    [InlineData("kvm", "managed")]
    [InlineData("managed", "kvm")]
    public void A_recording_replays_on_the_other_backend(string recorder, string replayer)
    {
        On.Chaos("kvm");
        var runner = new LitmusRunner(On.Chaos(recorder) with
        {
            Clock = ClockKind.SoftwareCounter, ReplayBackend = On.Find(replayer), Iterations = TestTier.Times(20, 50),
        });
        foreach (LitmusTest test in Tests().Where(static test => TestTier.IsFull || test.Threads.Count == 2))
            AssertSound(runner.Record(test));
    }

    [Fact]
    public void An_outcome_that_is_not_allowed_is_no_sound_result()
    {
        LitmusResult result = new LitmusRunner(On.Chaos("managed") with { Iterations = 5, Replays = 0 }).Record(Suite.Find("MP"));
        var one = new HashSet<Outcome> { result.Seen.Keys.First() };
        Assert.True(result.IsSound);
        Assert.False((result with { Allowed = result.Allowed.Except(one).ToHashSet() }).IsSound);
        LitmusResult relaxed = result with { Sequential = result.Sequential.Except(one).ToHashSet() };
        Assert.False(relaxed.IsSound);
        Assert.True((relaxed with { IsRecorded = false }).IsSound);
        Assert.False((result with { Differences = ["one"] }).IsSound);
    }

    // In the full tier every test of the suite.
    private static IEnumerable<LitmusTest> Tests() =>
        TestTier.IsFull ? Suite.Files.Select(static file => file.Test!) : s_quick.Select(Suite.Find);

    private static void AssertSound(LitmusResult result)
    {
        Assert.Empty(result.Differences);
        Assert.Empty(result.Forbidden.Select(outcome => $"{result.Test.Name}: {outcome.TextOf(result.Test, result.Variables)}"));
        Assert.Empty(result.Relaxed.Select(outcome => $"{result.Test.Name}: {outcome.TextOf(result.Test, result.Variables)}"));
        Assert.Equal(result.Runs, result.Replays);
    }
}
