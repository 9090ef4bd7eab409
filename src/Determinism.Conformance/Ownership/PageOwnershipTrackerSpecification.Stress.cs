namespace Determinism.Conformance;

/// <content>Many agents on threads.</content>
public abstract partial class PageOwnershipTrackerSpecification
{
    /// <summary>Requests of each agent under stress.</summary>
    protected virtual int StressRounds => 1000;

    /// <summary>Seed of the stress; named in what it reports.</summary>
    protected virtual ulong StressSeed => 1;

    /// <summary>Law L1, seen by the agents themselves.</summary>
    [Fact]
    public void A_writer_is_alone_under_stress() => Within(() =>
    {
        (TrackerUnderTest it, TrackerStress stress) = RunStress(agents: 4);
        Assert.True(stress.Collisions.Count == 0, $"Seed {StressSeed}: " + string.Join(" ", stress.Collisions.Take(3)));
        it.AssertLawful();
    });

    /// <summary>Law L2, by an oracle that knows who saw whose write.</summary>
    [Fact]
    public void Conflicting_accesses_are_ordered_under_stress() => Within(() =>
    {
        (_, TrackerStress stress) = RunStress(agents: 3);
        List<string> unordered = [.. stress.FindUnordered().Take(3)];
        Assert.True(unordered.Count == 0, $"Seed {StressSeed}: " + string.Join("; ", unordered));
    });

    /// <summary>Law L4.</summary>
    [Fact]
    public void No_constraint_is_implied_under_stress() => Within(() =>
    {
        (TrackerUnderTest it, _) = RunStress(agents: 3);
        Assert.True(it.Journal.Constraints > 0, "The agents never met.");
        if (OmitsImpliedConstraints)
            Assert.Equal(0, it.Journal.ImpliedConstraints);
        else
            Assert.True(it.Journal.ImpliedConstraints > 0, "Nothing was implied: the tracker leaves constraints out.");
    });

    private (TrackerUnderTest Tracker, TrackerStress Stress) RunStress(int agents)
    {
        TrackerUnderTest it = Make(agents);
        var stress = new TrackerStress(it, agents, StressRounds, StressSeed);
        try
        {
            Aside.Finish(TimeSpan.FromTicks(6 * Patience.Ticks), $"Agents under stress (seed {StressSeed})", stress.Start());
            return (it, stress);
        }
        catch
        {
            // Aside: a tracker that hangs may hang here too.
            _ = Aside.Run(stress.Abort);
            throw;
        }
    }
}
