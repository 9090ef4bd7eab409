using Xunit.Abstractions;

namespace Determinism.Litmus.Tests.Running;

/// <summary>Chaos finds every sequentially consistent outcome of every test of two threads.</summary>
/// <remarks>But one: a recording makes every instruction atomic, since a frame stays until the instruction has retired
/// (docs/litmus.md).</remarks>
public class CoverageTests(ITestOutputHelper output)
{
    private const int MostRecordings = 60;

    private const ulong Seed = 5;

    private static readonly string[] s_atomicInRecordings = ["INC"];

    // The rarest outcomes, for the layouts that the quick tier does not do in full.
    private static readonly string[] s_rare = ["INC+split", "MP+poss", "R+poss", "S+poss", "CO-SBI", "SB", "MP"];

    [SkippableTheory]
    [InlineData("managed", VariableLayout.Page, true)]
    [InlineData("managed", VariableLayout.Line, false)]
    [InlineData("managed", VariableLayout.Same, false)]
    [InlineData("kvm", VariableLayout.Page, false)]
    [InlineData("kvm", VariableLayout.Line, false)]
    [InlineData("kvm", VariableLayout.Same, false)]
    public void Every_sequentially_consistent_outcome_is_reached(string backend, VariableLayout layout, bool isQuick)
    {
        var runner = new LitmusRunner(On.Chaos(backend, layout) with
        {
            Recordings = MostRecordings, UntilComplete = true, Replays = 0, Seed = Seed,
        });
        LitmusTest[] tests = [.. Suite.Files.Select(static file => file.Test!).Where(test => test.Threads.Count == 2
            && !s_atomicInRecordings.Contains(test.Name) && (isQuick || TestTier.IsFull || s_rare.Contains(test.Name)))];
        Assert.NotEmpty(tests);
        foreach (LitmusTest test in tests)
        {
            LitmusResult result = runner.Record(test);
            output.WriteLine($"{test.Name}: {result.Sequential.Count} outcomes in {result.Runs} recordings, seed {Seed}");
            Assert.Empty(result.Missing.Select(outcome => $"{test.Name}: {outcome.TextOf(test, result.Variables)}"));
            Assert.True(result.IsSound);
        }
    }

    [SkippableTheory]
    [InlineData("managed")]
    [InlineData("kvm")]
    public void An_increment_without_LOCK_loses_nothing_in_a_recording(string backend)
    {
        LitmusResult result = new LitmusRunner(On.Chaos(backend) with { Recordings = 5, Replays = 0 }).Record(Suite.Find("INC"));
        Assert.Equal("x=1", result.Missing.Single().TextOf(result.Test, result.Variables));
    }
}
