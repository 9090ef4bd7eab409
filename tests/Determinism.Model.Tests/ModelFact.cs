using Determinism.Model.Tests.Checking;
using Determinism.Model.Tests.Handover;
using Xunit;
using Xunit.Abstractions;

namespace Determinism.Model.Tests;

/// <summary>Runs the explorer and says what came out.</summary>
public abstract class ModelFact(ITestOutputHelper output)
{
    private const int QuickLimit = 5_000_000;
    private const int FullLimit = 40_000_000;

    /// <summary>The full tier explores the larger state spaces as well.</summary>
    protected static bool FullTier =>
        string.Equals(Environment.GetEnvironmentVariable("DETERMINISM_TEST_TIER"), "full", StringComparison.OrdinalIgnoreCase);

    /// <summary>Explores all reachable states; the graph holds the first violation.</summary>
    private protected StateGraph<MachineState> Explore(HandoverModel model)
    {
        var graph = StateGraph<MachineState>.Explore(model, FullTier ? FullLimit : QuickLimit);
        graph.CheckProgress();
        output.WriteLine(graph.Report());
        return graph;
    }

    private protected void IsClean(Program[] programs, bool order = true, Announcing announcing = Announcing.Sometimes)
    {
        // Each other agent once, and two fast grants: the frame's first touch and its sole reader's upgrade.
        int bound = programs.Length - 1 + 2;
        StateGraph<MachineState> graph = Explore(new HandoverModel(programs, bypassBound: bound, order: order, announcing: announcing));
        Assert.True(graph.Violation is null, graph.Report());
        Assert.True(graph.StateCount > 100, "a workload in which nothing happens shows nothing");
    }

    /// <summary>The protocol keeps the laws on this workload; with the flaw it breaks the one expected.</summary>
    private protected void Breaks(
        Flaw flaw, ViolationKind expected, Program[] programs, bool order = false, int bypassBound = 0,
        Announcing announcing = Announcing.Sometimes)
    {
        StateGraph<MachineState> control = Explore(
            new HandoverModel(programs, bypassBound: bypassBound, order: order, announcing: announcing));
        Assert.True(control.Violation is null, control.Report());
        StateGraph<MachineState> broken = Explore(new HandoverModel(programs, flaw, expected, bypassBound, order, announcing));
        Assert.True(broken.Violation is not null, $"{flaw} was not noticed in {broken.StateCount} states");
        Assert.Equal(expected, broken.Violation.Kind);
        Assert.NotEmpty(broken.Trace);
    }
}
