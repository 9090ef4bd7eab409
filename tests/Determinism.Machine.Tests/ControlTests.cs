using Determinism.Log;

namespace Determinism.Machine.Tests;

/// <summary>Claims of determinism need their control: without the log, and without its constraints, runs differ.</summary>
public class ControlTests
{
    private static MachineConfiguration Racy(ClockKind clock) =>
        MachineRunner.Configure("racy", 4, clock) with { Parameters = [8000, 64] };

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void Recordings_of_a_racy_guest_differ_from_each_other(ClockKind clock)
    {
        var outcomes = new HashSet<string>();
        for (int run = 0; run < 20 && outcomes.Count < 2; run++)
        {
            MachineConfiguration configuration = Racy(clock);
            outcomes.Add(MachineRunner.Record(configuration, MachineRunner.MakeScheduler("chaos", 4, (ulong)run + 1),
                new MemoryEventLog(configuration.Shape.AgentCount)).Console);
        }
        Assert.True(outcomes.Count >= 2, "Twenty recordings had one outcome.");
    }

    [Fact]
    public void A_replay_that_withholds_the_constraints_goes_another_way()
    {
        MachineConfiguration configuration = Racy(ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(configuration, MachineRunner.MakeScheduler("chaos", 4), log);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
        int different = 0;
        for (int replay = 0; replay < 10 && different == 0; replay++)
        {
            try
            {
                different += recorded.FindDifference(MachineRunner.Replay(log, withholdConstraints: true)) is null ? 0 : 1;
            }
            catch (DeterminismException)
            {
                different++;
            }
        }
        Assert.True(different > 0, "Ten replays without constraints were all identical: the constraints order nothing.");
    }

    [Fact]
    public void A_machine_with_one_vcpu_needs_no_constraints_between_vcpus()
    {
        MachineConfiguration configuration = MachineRunner.Configure("radix", 1, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        RecordingStatistics(configuration, log, out long constraints);
        Assert.Equal(0, constraints);
    }

    private static void RecordingStatistics(MachineConfiguration configuration, IEventLog log, out long constraints)
    {
        Recording.RecordingSession? session = null;
        MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", 1), log, made => session = made);
        constraints = session!.Statistics.Constraints;
    }
}
