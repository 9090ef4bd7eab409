namespace Determinism.Litmus.Tests.Running;

/// <summary>That the tests can show what they look for: without recording there are relaxed outcomes, and a bug in the
/// recorder is noticed.</summary>
public class ControlTests
{
    private const int Attempts = 20;

    [SkippableTheory]
    [InlineData("managed")]
    [InlineData("kvm")]
    public void Without_recording_stores_are_seen_late(string backend)
    {
        // One processor interleaves and no more.
        Skip.If(Environment.ProcessorCount < 2, "Two vCPUs cannot run at the same time here.");
        var seen = new HashSet<string>();
        for (int attempt = 0; attempt < Attempts && seen.Count < 2; attempt++)
        {
            foreach (string name in (string[])["SB", "R"])
            {
                LitmusResult result = new LitmusRunner(On.Chaos(backend) with
                {
                    Iterations = 50_000, IsPolled = false, DelayBits = 2, Seed = (ulong)attempt,
                }).RunUnrecorded(Suite.Find(name));
                Assert.Empty(result.Forbidden);
                if (result.Relaxed.Any())
                    seen.Add(name);
            }
        }
        Assert.Equal(2, seen.Count);
    }

    [SkippableTheory]
    [InlineData("managed", "SB+mfences")]
    [InlineData("managed", "MP")]
    [InlineData("kvm", "SB+mfences")]
    [InlineData("kvm", "MP")]
    public void Without_recording_what_TSO_forbids_does_not_happen(string backend, string name)
    {
        var runner = new LitmusRunner(On.Chaos(backend) with { Iterations = 50_000, IsPolled = false, DelayBits = 2 });
        Assert.Empty(runner.RunUnrecorded(Suite.Find(name)).Forbidden);
    }

    [SkippableTheory]
    [InlineData("managed", "LoseConstraint")]
    [InlineData("managed", "ReduceNeededConstraint")]
    [InlineData("managed", "SkipReduction")]
    [InlineData("kvm", "LoseConstraint")]
    [InlineData("kvm", "ReduceNeededConstraint")]
    [InlineData("kvm", "SkipReduction")]
    public void A_bug_planted_into_the_recorder_is_caught(string backend, string plant)
    {
        for (ulong seed = 1; seed <= Attempts; seed++)
        {
            var runner = new LitmusRunner(On.Chaos(backend) with { Seed = seed })
            {
                Prepare = session => session.Plant = Enum.Parse<Plant>(plant),
            };
            try
            {
                if (!runner.Record(Suite.Find("MP+poss")).IsSound)
                    return;
            }
            catch (DeterminismException)
            {
                return;
            }
        }
        Assert.Fail($"{plant} was not caught in {Attempts} recordings.");
    }
}
