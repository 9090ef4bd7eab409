using Determinism.Log;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Runs;

/// <summary>That the log is what makes runs equal, and that a log that is wrong is noticed (law L8).</summary>
public class ControlTests
{
    private const int Attempts = 12;

    [SkippableFact]
    public void A_replay_that_withholds_the_constraints_goes_another_way()
    {
        OnKvm.Need();
        MachineConfiguration configuration = Racy();
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = Record(configuration, 1, log, Plant.None);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log, backend: OnKvm.Backend)));
        Assert.True(Enumerable.Range(0, Attempts).Any(_ => Differs(recorded, log, withholdConstraints: true)),
            "Replays without constraints were all identical: the constraints order nothing.");
    }

    [SkippableTheory]
    [InlineData("LoseConstraint", "racy")]
    [InlineData("PointOffByOne", "racy")]
    [InlineData("ReduceNeededConstraint", "racy")]
    [InlineData("SkipReduction", "racy")]
    [InlineData("InterruptLate", "devices")]
    [InlineData("SwapInput", "devices")]
    public void A_bug_planted_into_a_recording_is_caught_by_its_replay(string plant, string guest)
    {
        OnKvm.Need();
        MachineConfiguration configuration = guest == "racy"
            ? Racy() : MachineRunner.Configure(guest, 4, ClockKind.SoftwareCounter);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            MachineState recorded = Record(configuration, (ulong)attempt + 1, log, Enum.Parse<Plant>(plant));
            if (Differs(recorded, log))
                return;
        }
        Assert.Fail($"{plant} was not caught in {Attempts} recordings.");
    }

    [SkippableFact]
    public void Chaos_finds_lost_updates_more_often_than_running_in_parallel()
    {
        OnKvm.Need();
        // With its own sizes: in shorter runs there is little to find.
        MachineConfiguration configuration = Racy() with { Parameters = [] };
        int runs = TestTier.Times(8, 40);
        int[] chaos = new int[runs], parallel = new int[runs], unrecorded = new int[runs];
        for (int run = 0; run < runs; run++)
        {
            chaos[run] = LostIn(Record(configuration, (ulong)run + 1,
                new MemoryEventLog(configuration.Shape.AgentCount), Plant.None));
            parallel[run] = LostIn(MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", 4),
                new MemoryEventLog(configuration.Shape.AgentCount), backend: OnKvm.Backend));
            unrecorded[run] = LostIn(MachineRunner.RunUnrecorded(configuration, OnKvm.Backend));
        }
        string figures = $"lost updates of {runs} runs, runs with some in brackets: chaos {Count(chaos)}, "
            + $"parallel {Count(parallel)}, unrecorded {Count(unrecorded)}";
        Console.WriteLine(figures);
        // How often, before how many: one unlucky turn of the host's scheduler loses hundreds at once. Nothing is demanded of
        // unrecorded runs, whose vCPUs share frames as they please.
        int more = chaos.Count(one => one > 0) - parallel.Count(one => one > 0);
        Assert.True(more > 0 || (more == 0 && chaos.Sum() > parallel.Sum()), figures);

        static string Count(int[] lost) => $"{lost.Sum()} ({lost.Count(one => one > 0)})";
    }

    private static MachineConfiguration Racy() =>
        MachineRunner.Configure("racy", 4, ClockKind.SoftwareCounter) with { Parameters = [4000, 64] };

    private static MachineState Record(MachineConfiguration configuration, ulong seed, MemoryEventLog log, Plant plant) =>
        MachineRunner.Record(configuration, MachineRunner.MakeScheduler("chaos", 4, seed), log,
            session => session.Plant = plant, backend: OnKvm.Backend);

    private static bool Differs(MachineState recorded, MemoryEventLog log, bool withholdConstraints = false)
    {
        try
        {
            return recorded.FindDifference(MachineRunner.Replay(log, withholdConstraints, OnKvm.Backend)) is not null;
        }
        catch (DeterminismException)
        {
            return true;
        }
    }

    private static int LostIn(MachineState state)
    {
        const string Lost = "lost=";
        int at = state.Console.IndexOf(Lost, StringComparison.Ordinal) + Lost.Length;
        return int.Parse(state.Console[at..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
