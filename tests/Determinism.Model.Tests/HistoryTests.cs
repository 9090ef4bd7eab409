using Determinism.Model.Tests.Checking;
using Determinism.Model.Tests.Handover;
using Xunit;
using static Determinism.Model.Tests.Handover.Instruction;

namespace Determinism.Model.Tests;

/// <summary>Whole logs of long random runs, checked by brute force with explicit event numbers.</summary>
public sealed class HistoryTests
{
    private const int Runs = 150;
    private const int Steps = 600;

    [Fact]
    public void Logs_of_long_runs_are_ordered_economical_and_acyclic_and_replay_alike()
    {
        int constraints = 0;
        for (int seed = 1; seed <= Runs; seed++)
        {
            var random = new Random(seed);
            History history = Walk.Take(new HandoverModel(Programs()), random, Steps);
            Assert.True(history.IsAcyclic(), $"seed {seed}: cycle");
            Assert.True(history.IsOrdered(), $"seed {seed}: order");
            Assert.True(history.IsEconomical(), $"seed {seed}: economy");
            Assert.True(history.ReplaysAlike(random), $"seed {seed}: replay");
            constraints += history.ConstraintCount;
        }

        Assert.True(constraints > 10 * Runs, $"only {constraints} constraints in {Runs} runs");
    }

    [Fact]
    public void Constraints_to_events_that_are_not_complete_yet_close_cycles() =>
        Assert.Contains(Histories(Flaw.None, numberError: 1), h => !h.IsAcyclic());

    [Fact]
    public void Constraints_to_earlier_events_are_noticed_and_change_the_replay()
    {
        Assert.Contains(Histories(Flaw.None, numberError: -1), h => !h.IsOrdered());
        Assert.Contains(Histories(Flaw.None, numberError: -1), h => !h.ReplaysAlike(new Random(1)));
    }

    [Theory]
    [InlineData(Flaw.ConstraintLost)]
    [InlineData(Flaw.ReadersForgotten)]
    [InlineData(Flaw.SourceSeenBefore)]
    internal void Lost_constraints_are_noticed_and_change_the_replay(Flaw flaw)
    {
        Assert.Contains(Histories(flaw), h => !h.IsOrdered());
        Assert.Contains(Histories(flaw), h => !h.ReplaysAlike(new Random(1)));
    }

    [Fact]
    public void Implied_constraints_are_noticed() =>
        Assert.Contains(Histories(Flaw.EconomySkipped), h => !h.IsEconomical());

    private static Program[] Programs() => Workloads.Forever(3, [.. Workloads.TwoFrames, None, None]);

    private static IEnumerable<History> Histories(Flaw flaw, int numberError = 0) =>
        Enumerable.Range(1, Runs).Select(seed =>
            Walk.Take(new HandoverModel(Programs(), flaw), new Random(seed), Steps, numberError));
}
